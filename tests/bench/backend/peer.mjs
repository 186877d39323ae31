// The service that ours is measured beside: Fastify, jose and pg, doing what POST /v1/videos does. It
// verifies the token with every claim that ours checks, validates the body, seals title and script,
// and commits video, job and idempotency key in one transaction.
// node peer.mjs NPM_FOLDER PORT DATABASE_URL JWKS_URL AUDIENCE

import { createCipheriv, createHmac, randomBytes, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, port, database, jwksUrl, audience] = process.argv.slice(2);
const require = createRequire(join(resolve(folder), "package.json"));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { default: Fastify } = await load("fastify");
const { createRemoteJWKSet, jwtVerify } = await load("jose");
const { default: pg } = await load("pg");

// As many connections as ours.
const pool = new pg.Pool({ connectionString: database, max: 16 });
const key = randomBytes(32);
const keys = createRemoteJWKSet(new URL(jwksUrl));
const claims = {
  algorithms: ["RS256"],
  issuer: "forge/invocation-token",
  audience,
  clockTolerance: 60,
  requiredClaims: ["exp"],
};

function sealed(text, about) {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(about));
  return Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
}

const text = (maxLength) => ({ type: "string", maxLength });
const body = {
  type: "object",
  required: ["pageId", "pageVersion", "script"],
  additionalProperties: false,
  properties: {
    pageId: { type: "string", pattern: "^[0-9]{1,20}$" },
    pageVersion: { type: "integer", minimum: 1 },
    script: {
      type: "object",
      required: ["title", "sections"],
      additionalProperties: false,
      properties: {
        title: text(300),
        sections: {
          type: "array",
          maxItems: 200,
          items: {
            type: "object",
            required: ["heading", "text"],
            properties: { heading: text(300), text: text(100_000) },
          },
        },
      },
    },
  },
};

const app = Fastify({ bodyLimit: 1024 * 1024 });
app.post("/v1/videos", { schema: { body } }, async (request, reply) => {
  const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
  let tenant;
  try {
    const { payload } = await jwtVerify(token, keys, claims);
    tenant = `${payload.context.cloudId}:${payload.app.environment.id}`;
  } catch {
    return reply.code(401).send({ code: "token_refused" });
  }
  const idempotency = request.headers["idempotency-key"] ?? "";
  if (!/^[0-9a-f-]{36}$/.test(idempotency)) return reply.code(400).send({ code: "invalid" });
  const { pageId, pageVersion, script } = request.body;
  const id = randomUUID();
  const hash = createHmac("sha256", key).update(JSON.stringify(request.body)).digest();
  const answer = JSON.stringify({ id, pageId, pageVersion, title: script.title, state: "queued" });
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const first = await client.query(
      "INSERT INTO peer_keys VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
      [tenant, idempotency, hash, sealed(answer, id)],
    );
    if (first.rowCount === 0) {
      await client.query("ROLLBACK");
      return reply.code(409).send({ code: "known" });
    }
    await client.query("INSERT INTO peer_videos VALUES ($1, $2, $3, $4, $5, $6)", [
      id,
      tenant,
      pageId,
      pageVersion,
      sealed(script.title, id),
      "queued",
    ]);
    await client.query("INSERT INTO peer_jobs VALUES ($1, $2, $3)", [
      id,
      tenant,
      sealed(JSON.stringify(script), id),
    ]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
  return reply.code(202).type("application/json").send(answer);
});
await app.listen({ host: "127.0.0.1", port: Number(port) });
