// Starts the database, both services and the load, and prints one line of JSON.
// node speed.mjs NPM_FOLDER BACKEND POSTGRES_PROGRAMS SECONDS PASSES

import { execFileSync, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { start } from "./postgres.mjs";

const [npm, backend, programs, seconds, passes] = process.argv.slice(2);
const require = createRequire(join(resolve(npm), "package.json"));
const load = async (name) => import(pathToFileURL(require.resolve(name)).href);
const { default: autocannon } = await load("autocannon");
const { SignJWT, exportJWK, generateKeyPair } = await load("jose");

const AUDIENCE = "ari:cloud:ecosystem::app/5f0c7e6e-3f0d-4a55-9d0b-6f1c2a7e9b41";
const CONNECTIONS = 32;
const SMALL = 1_000;
const LARGE = 1_000_000;
const PAGE = 50;

const folder = mkdtempSync(join(tmpdir(), "golpo-bench-files-"));
const children = [];
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const { privateKey, publicKey } = await generateKeyPair("RS256");
const jwk = { ...(await exportJWK(publicKey)), alg: "RS256", use: "sig", kid: "bench" };
const keys = createServer((_, answer) => {
  answer.setHeader("content-type", "application/json");
  answer.end(JSON.stringify({ keys: [jwk] }));
});
await new Promise((done) => keys.listen(0, "127.0.0.1", done));
const jwksUrl = `http://127.0.0.1:${keys.address().port}/jwks.json`;

/** A token as Forge signs them. */
function token(site) {
  const installation = "ari:cloud:ecosystem::installation/0f0c7e6e-3f0d-4a55-9d0b-6f1c2a7e9b41";
  const environment = "ari:cloud:ecosystem::environment/5f0c7e6e/1f0c7e6e";
  return new SignJWT({
    app: {
      id: AUDIENCE,
      version: "3",
      installationId: installation,
      apiBaseUrl: `https://api.atlassian.com/ex/confluence/${site}`,
      environment: { type: "PRODUCTION", id: environment },
      module: { type: "core:endpoint", key: "backend" },
    },
    context: { cloudId: site, moduleKey: "create", siteUrl: `https://${site}.example.com` },
    principal: "712020:00000000-aaaa-bbbb-cccc-000000000001",
  })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: "bench" })
    .setIssuer("forge/invocation-token")
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setNotBefore("0s")
    .setExpirationTime("50m")
    .setJti(randomUUID())
    .sign(privateKey);
}

const tokens = await Promise.all(Array.from({ length: 64 }, (_, index) => token(`site-${index}`)));
const sentence = "The pelicans fly to the delta before the first frost, and some of them stay. ";
const body = JSON.stringify({
  pageId: "65601",
  pageVersion: 3,
  script: {
    title: "Where the pelicans winter",
    sections: Array.from({ length: 8 }, (_, index) => ({
      heading: `Part ${index}`,
      text: sentence.repeat(5),
    })),
  },
});

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function launch(program, args, env, port) {
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  children.push(child);
  let log = "";
  child.stderr.on("data", (chunk) => {
    log = (log + chunk).slice(-4000);
  });
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
    if (answer) return { child, port };
    if (child.exitCode !== null) throw new Error(`${program} ended: ${log}`);
    await sleep(100);
  }
  throw new Error(`${program} does not answer: ${log}`);
}

async function ours(database) {
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    GOLPO_DATABASE_URL: database.url("service"),
    GOLPO_MASTER_KEY_FILE: join(folder, "master.key"),
    GOLPO_OBJECTS: join(folder, "objects"),
    GOLPO_SPEECH_COMMAND: "none",
    GOLPO_LISTEN: `127.0.0.1:${port}`,
    GOLPO_JWKS_URL: jwksUrl,
    GOLPO_AUDIENCE: AUDIENCE,
    GOLPO_WITH_WORKER: "false",
    GOLPO_REQUESTS_PER_SECOND: "1000000",
    GOLPO_REQUEST_BURST: "1000000",
    GOLPO_LOG: "warn",
  };
  return launch(backend, ["serve"], env, port);
}

async function peer(database) {
  const port = await freePort();
  const program = fileURLToPath(new URL("peer.mjs", import.meta.url));
  const args = [program, npm, String(port), database.peerUrl, jwksUrl, AUDIENCE];
  return launch(process.execPath, args, { ...process.env, NODE_ENV: "production" }, port);
}

/** Processor time in seconds, and resident memory in bytes. */
function usage({ child }) {
  const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ");
  const [, resident] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"));
  return { seconds: (Number(fields[11]) + Number(fields[12])) / 100, resident: resident * 1024 };
}

/** What a service does in some seconds under a load. */
async function loaded(services, duration) {
  let turn = 0;
  const before = services.map(usage);
  const runs = await Promise.all(
    services.map(({ port }) =>
      autocannon({
        url: `http://127.0.0.1:${port}`,
        connections: CONNECTIONS / services.length,
        duration,
        requests: [
          {
            method: "POST",
            path: "/v1/videos",
            body,
            setupRequest: (request) => {
              turn += 1;
              request.headers = {
                "content-type": "application/json",
                authorization: `Bearer ${tokens[turn % tokens.length]}`,
                "idempotency-key": randomUUID(),
              };
              return request;
            },
          },
        ],
      }),
    ),
  );
  const after = services.map(usage);
  const sum = (figures) => figures.reduce((all, one) => all + one, 0);
  const answered = sum(runs.map((run) => run["2xx"]));
  if (answered === 0 || sum(runs.map((run) => run.non2xx + run.errors)) > 0) {
    throw new Error(`not every request was accepted: ${JSON.stringify(runs[0].statusCodeStats)}`);
  }
  const spent = sum(after.map((one, index) => one.seconds - before[index].seconds));
  return {
    perSecond: sum(runs.map((run) => run["2xx"] / run.duration)),
    p99: Math.max(...runs.map((run) => run.latency.p99)),
    perProcessorSecond: answered / spent,
    resident: sum(after.map((one) => one.resident)),
  };
}

/** Milliseconds that a list's first page takes, one at a time. */
async function listing({ port }, site, rounds) {
  const headers = { authorization: `Bearer ${await token(site)}` };
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/videos?limit=${PAGE}`, { headers });
    const { videos } = await answer.json();
    times.push(performance.now() - started);
    if (videos.length !== PAGE) throw new Error(`${site} has ${videos.length} videos on a page`);
  }
  return times;
}

/** A site with so many older videos, and a page of real ones, which alone are opened and read. */
async function fill(database, service, site, count) {
  const post = async () => {
    const answer = await fetch(`http://127.0.0.1:${service.port}/v1/videos`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${await token(site)}`,
        "idempotency-key": randomUUID(),
      },
      body,
    });
    if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`);
  };
  for (let made = 0; made < PAGE; made += 1) await post();
  const mine = `tenant_id LIKE '%${site}%'`;
  const prefix = count === LARGE ? "01900000" : "01800000";
  database.sql(`
    INSERT INTO videos (id, tenant_id, page_id, page_version, title, options, state, stage, percent, created_at)
    SELECT '${prefix}-0000-7000-8000-' || lpad(to_hex(n), 12, '0'), t.tenant_id, (n % 1000)::text, 1,
      decode(repeat('00', 60), 'hex'), '{}', 'done', 'storing', 100, 1700000000 + n
    FROM generate_series(1, ${count - PAGE}) n, (SELECT tenant_id FROM tenants WHERE ${mine}) t`);
  const counted = database.sql(`SELECT count(*) FROM videos WHERE ${mine}`).trim();
  if (Number(counted) !== count) throw new Error(`${site} has ${counted} videos`);
}

function stop({ child }) {
  child.kill("SIGKILL");
  return new Promise((done) => child.once("exit", done));
}

// Told to end, it takes its services along.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    for (const child of children) child.kill("SIGKILL");
    await database?.stop();
    process.exit(1);
  });
}

let database;
try {
  writeFileSync(join(folder, "master.key"), `${randomBytes(32).toString("base64")}\n`, {
    mode: 0o600,
  });
  database = await start(programs);
  execFileSync(backend, ["migrate"], {
    env: { GOLPO_DATABASE_URL: database.url("owner") },
    stdio: ["ignore", "ignore", "inherit"],
  });
  database.sql(`GRANT golpo_service TO service;
    CREATE TABLE peer_keys (tenant text, key text, hash bytea, answer bytea, PRIMARY KEY (tenant, key));
    CREATE TABLE peer_videos (id text PRIMARY KEY, tenant text, page text, version bigint, title bytea, state text);
    CREATE INDEX ON peer_videos (tenant, id);
    CREATE INDEX ON peer_videos (tenant, page, id);
    CREATE TABLE peer_jobs (id text PRIMARY KEY REFERENCES peer_videos (id), tenant text, script bytea);`);

  const measured = { cores: availableParallelism(), ours: [], peer: [], one: [], two: [] };
  const contenders = { ours: await ours(database), peer: await peer(database) };
  for (const service of Object.values(contenders)) await loaded([service], 3);
  for (let pass = 0; pass < Number(passes); pass += 1) {
    for (const [name, service] of Object.entries(contenders)) {
      measured[name].push(await loaded([service], Number(seconds)));
    }
  }
  await stop(contenders.peer);

  const second = await ours(database);
  await loaded([second], 2);
  for (let pass = 0; pass < Number(passes); pass += 1) {
    measured.one.push(await loaded([contenders.ours], Number(seconds)));
    measured.two.push(await loaded([contenders.ours, second], Number(seconds)));
  }
  await stop(second);

  const service = contenders.ours;
  await fill(database, service, "small-site", SMALL);
  await fill(database, service, "large-site", LARGE);
  database.sql("ANALYZE videos");
  await listing(service, "small-site", 50);
  await listing(service, "large-site", 50);
  measured.listing = { small: [], large: [] };
  for (let round = 0; round < 20; round += 1) {
    measured.listing.small.push(...(await listing(service, "small-site", 10)));
    measured.listing.large.push(...(await listing(service, "large-site", 10)));
  }
  process.stdout.write(`${JSON.stringify(measured)}\n`);
} finally {
  for (const child of children) child.kill("SIGKILL");
  await database?.stop();
  keys.close();
  rmSync(folder, { recursive: true });
}
