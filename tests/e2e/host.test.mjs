// The local Confluence host keeps the rules that Atlassian documents, so that what works here can
// work there.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { startHost } from "../host/host.mjs";
import { depth, LIMITS, MinuteWindow } from "../host/limits.mjs";
import { ask, MANIFEST } from "./harness.mjs";

const PROBE = fileURLToPath(new URL("./fixtures/probe", import.meta.url));
const RESTRICTED = "65603";

/** A stand-in for the remote: keeps what it is sent. */
async function startRemote() {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push({ method: request.method, url: request.url, headers: request.headers });
    response.writeHead(200, { "content-type": "application/json" });
    response.end('{"here":true}');
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, requests, stop: () => new Promise((resolve) => server.close(resolve)) };
}

/** A host running the probe app; `run` does one of its function keys. */
async function startProbe(options = {}) {
  const state = options.state ?? mkdtempSync(join(tmpdir(), "golpo-host-"));
  const logs = [];
  const host = await startHost({
    app: PROBE,
    ui: PROBE,
    manifest: MANIFEST,
    backend: "http://127.0.0.1:9",
    log: (level, line) => logs.push({ level, line }),
    ...options,
    state,
  });
  return {
    ...host,
    state,
    logs,
    run: (key, payload, where) => ask(host.site, key, payload, where),
    async end() {
      await host.stop();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

async function until(condition, what) {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("the limits are those that Atlassian documents", () => {
  assert.equal(LIMITS.invocationSeconds, 25);
  assert.equal(LIMITS.consumerSeconds, 55);
  assert.equal(LIMITS.invocationsPerMinutePerUser, 1200);
  assert.equal(LIMITS.invocationsPerMinutePerInstallation, 5000);
  assert.equal(LIMITS.frontEndRequestBytes, 512_000);
  assert.equal(LIMITS.frontEndResponseBytes, 5_242_880);
  assert.equal(LIMITS.kvsValueBytes, 245_760);
  assert.equal(LIMITS.eventsPerRequest, 50);
  assert.equal(LIMITS.eventsPerMinute, 500);
});

test("a minute's window counts each key and starts anew", () => {
  let now = 0;
  const window = new MinuteWindow(2, () => now);
  assert.deepEqual([window.take("a"), window.take("a"), window.take("a")], [true, true, false]);
  assert.equal(window.take("b", 3), false);
  assert.equal(window.take("b", 2), true);
  now = 60_000;
  assert.equal(window.take("a"), true);
});

test("depth counts objects and arrays inside one another", () => {
  assert.deepEqual([1, {}, [[]], { a: { b: [1] } }].map(depth), [0, 1, 2, 3]);
});

describe("an app on the host", () => {
  let host;
  let remote;
  before(async () => {
    remote = await startRemote();
    host = await startProbe({ backend: remote.url });
  });
  after(async () => {
    await host?.end();
    await remote?.stop();
  });

  test("an instance is reused, and lost when its code fails", async () => {
    const first = await host.run("calls");
    assert.equal(await host.run("calls"), first + 1);
    await assert.rejects(host.run("crash"), /500 .*failed outside of any handler/);
    assert.equal(await host.run("calls"), 1);
  });

  test("invocations run side by side in instances of their own", async () => {
    const users = ["admin", "user", "admin", "user"];
    const seen = await Promise.all(users.map((user) => host.run("context", {}, { user })));
    const ids = seen.map((context) => context.accountId);
    assert.equal(ids[0], ids[2]);
    assert.equal(ids[1], ids[3]);
    assert.notEqual(ids[0], ids[1]);
  });

  test("the resolver's context is Forge's", async () => {
    const extension = { selectedText: "a few words" };
    const where = { module: "golpo-context-menu", page: "65605", extension };
    const context = await host.run("context", {}, where);
    assert.equal(context.moduleKey, "golpo-context-menu");
    assert.equal(context.extension.type, "confluence:contextMenu");
    assert.deepEqual(context.extension.content, { id: "65605", type: "blogpost", subtype: null });
    assert.equal(context.extension.space.key, "ENG");
    assert.equal(context.extension.selectedText, "a few words");
    assert.equal(context.environmentType, "DEVELOPMENT");
    assert.ok(context.cloudId && context.siteUrl && context.localId);
  });

  test("an unknown user or module is refused", async () => {
    await assert.rejects(host.run("calls", {}, { user: "nobody" }), /400 .*no user nobody/);
    await assert.rejects(host.run("calls", {}, { module: "other" }), /400 .*no module other/);
  });

  test("payloads have their sizes", async () => {
    const text = "x".repeat(LIMITS.frontEndRequestBytes);
    await assert.rejects(host.run("calls", { text }), /413 .*500KB/);
    const bytes = LIMITS.frontEndResponseBytes;
    await assert.rejects(host.run("large", { bytes }), /413 .*5MB/);
    assert.equal((await host.run("large", { bytes: bytes - 2 })).length, bytes - 2);
  });

  test("an invocation logs 100 lines at most", async () => {
    const before = host.logs.length;
    await host.run("log", { lines: 120 });
    assert.equal(host.logs.length - before, 100);
  });

  test("keys and values of the store have their rules", async () => {
    const set = (key, value) => host.run("set", { key, value });
    assert.deepEqual(await set("page-videos:65601", { n: 1 }), {});
    assert.deepEqual(await host.run("get", { key: "page-videos:65601" }), { ok: { n: 1 } });
    assert.deepEqual(await host.run("get", { key: "absent" }), {});
    assert.deepEqual(await host.run("remove", { key: "absent" }), {});
    assert.equal((await set("", 1)).code, "KEY_TOO_SHORT");
    assert.equal((await set("k".repeat(501), 1)).code, "KEY_TOO_LONG");
    assert.deepEqual(await set("k".repeat(500), 1), {});
    assert.equal((await set("a/b", 1)).code, "INVALID_KEY");
    assert.equal((await set("  ", 1)).code, "INVALID_KEY");
    assert.equal((await set("large", "x".repeat(LIMITS.kvsValueBytes))).code, "MAX_SIZE");
    let deep = 1;
    for (let level = 0; level < 32; level += 1) deep = [deep];
    assert.equal((await set("deep", deep)).code, "MAX_DEPTH");
    const found = await host.run("query", { prefix: "page-videos:" });
    assert.deepEqual(found.ok.results, [{ key: "page-videos:65601", value: { n: 1 } }]);
  });

  test("secrets are a store of their own, in a file that only its owner reads", async () => {
    await host.run("setSecret", { key: "api", value: "hush-canary" });
    assert.deepEqual(await host.run("getSecret", { key: "api" }), { ok: "hush-canary" });
    assert.deepEqual(await host.run("get", { key: "api" }), {});
    const [file, other] = [join(host.state, "secrets.json"), join(host.state, "kvs.json")];
    assert.match(readFileSync(file, "utf8"), /hush-canary/);
    assert.ok(!existsSync(other) || !readFileSync(other, "utf8").includes("hush-canary"));
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  test("Confluence answers as the user may see it, and as the app", async () => {
    const path = `/wiki/api/v2/pages/${RESTRICTED}`;
    const status = async (key, user) => (await host.run(key, { path }, { user })).ok.status;
    assert.equal(await status("asUser", "admin"), 200);
    assert.equal(await status("asUser", "user"), 404);
    assert.equal(await status("asApp", "admin"), 404);
    const list = "/wiki/api/v2/pages?id=65601,65603,65605,1&limit=250";
    const ids = async (user) => {
      const { ok } = await host.run("asUser", { path: list }, { user });
      return JSON.parse(ok.body).results.map((page) => page.id);
    };
    assert.deepEqual(await ids("admin"), ["65601", "65603"]);
    assert.deepEqual(await ids("user"), ["65601"]);
  });

  test("pages have the shapes of REST v2", async () => {
    const get = async (path) => {
      const { ok } = await host.run("asUser", { path: `/wiki/api/v2${path}` });
      return { status: ok.status, body: JSON.parse(ok.body) };
    };
    const adf = await get("/pages/65601?body-format=atlas_doc_format");
    assert.equal(adf.body.body.atlas_doc_format.representation, "atlas_doc_format");
    assert.equal(JSON.parse(adf.body.body.atlas_doc_format.value).type, "doc");
    for (const key of ["authorId", "ownerId", "spaceId", "createdAt", "_links"]) {
      assert.ok(adf.body[key], key);
    }
    assert.ok(adf.body.version.number > 0 && adf.body.version.authorId);
    assert.equal(adf.body.labels, undefined);
    const { labels } = (await get("/pages/65601?include-labels=true")).body;
    assert.deepEqual(
      labels.results.map(({ name, prefix }) => `${prefix}:${name}`),
      ["global:on-call", "global:incidents"],
    );
    const space = await get(`/spaces/${adf.body.spaceId}`);
    assert.deepEqual([space.body.name, space.body.type], ["Engineering handbook", "global"]);
    assert.equal((await get("/spaces/1")).status, 404);
    const storage = await get("/pages/65602?body-format=storage");
    assert.match(storage.body.body.storage.value, /<ac:structured-macro/);
    assert.deepEqual((await get("/pages/65602?body-format=atlas_doc_format")).body.body, {});
    assert.equal((await get("/blogposts/65605")).status, 200);
    assert.equal((await get("/pages/65605")).status, 404);
    assert.equal((await get("/pages/1")).body.errors[0].code, "NOT_FOUND");
    assert.equal((await get("/pages/x")).status, 400);
    assert.equal((await get("/pages?limit=251")).status, 400);
  });

  test("who administers the site is said by their operations", async () => {
    const path = "/wiki/rest/api/user/current?expand=operations";
    const operations = async (user) =>
      JSON.parse((await host.run("asUser", { path }, { user })).ok.body).operations;
    const administer = { operation: "administer", targetType: "application" };
    assert.ok((await operations("admin")).some((it) => it.operation === administer.operation));
    assert.ok(!(await operations("user")).some((it) => it.operation === administer.operation));
  });

  test("P1 no host is reached that the manifest does not declare", async () => {
    const other = await host.run("fetch", { url: `${remote.url}/elsewhere` });
    assert.match(other.message, /not included in the external fetch backend permissions/);
    assert.ok(!remote.requests.some((request) => request.url === "/elsewhere"));
    const unknown = await host.run("remote", { key: "other", path: "/v1/site" });
    assert.match(unknown.message, /Invalid remote key provided: "other"/);
    const astray = await host.run("remote", { key: "golpo-backend", path: "//elsewhere.test/" });
    assert.match(astray.message, /Invalid remote key/);
  });

  test("P2 each call of the remote carries a token that its published key verifies", async () => {
    const answered = await host.run("remote", { key: "golpo-backend", path: "/v1/site?x=1" });
    assert.deepEqual(answered, { ok: { status: 200, body: '{"here":true}' } });
    const request = remote.requests.at(-1);
    assert.equal(request.url, "/v1/site?x=1");
    const token = request.headers.authorization.replace("Bearer ", "");
    const keys = createRemoteJWKSet(new URL(host.jwks));
    const expected = { issuer: "forge/invocation-token", audience: host.audience };
    const { payload, protectedHeader } = await jwtVerify(token, keys, expected);
    assert.equal(protectedHeader.alg, "RS256");
    assert.equal(payload.exp - payload.iat, 25);
    assert.equal(payload.app.id, host.audience);
    assert.equal(payload.app.module.key, "golpo-content-action");
    assert.ok(payload.app.installationId && payload.app.environment.id && payload.jti);
    assert.ok(payload.context.cloudId && payload.context.siteUrl);
    assert.ok(!request.headers["x-forge-oauth-system"] && !request.headers["x-forge-oauth-user"]);
  });

  test("an event reaches the consumer after its delay, without a user", async () => {
    const events = [{ body: { name: "late" }, delayInSeconds: 1 }];
    const asked = Date.now();
    assert.ok((await host.run("push", { queue: "page-videos", events })).ok.jobId);
    const value = async () => (await host.run("get", { key: "consumed:late" })).ok;
    assert.equal(await value(), undefined);
    await until(value, "the event");
    assert.ok(Date.now() - asked >= 1000);
    const { event, context } = await value();
    assert.deepEqual(event.body, { name: "late" });
    assert.equal(event.queueName, "page-videos");
    assert.equal(context.principal, undefined);
  });

  test("a consumer that fails is called again", async () => {
    const events = [{ body: { name: "again", failing: 1 } }];
    await host.run("push", { queue: "page-videos", events });
    const value = async () => (await host.run("get", { key: "consumed:again" })).ok;
    await until(value, "the second try");
    assert.equal((await value()).event.retryContext.retryCount, 1);
  });

  test("events have their limits", async () => {
    const queueName = "page-videos";
    const status = async (payload, name = queueName) =>
      (await host.run("pushRaw", { queueName: name, payload })).status;
    const event = { body: { name: "many" }, delayInSeconds: 900 };
    assert.equal(await status(Array(51).fill(event)), 400);
    assert.equal(await status([{ ...event, delayInSeconds: 901 }]), 400);
    assert.equal(await status([{ body: { text: "x".repeat(200 * 1024) } }]), 413);
    assert.equal(await status([event], "other"), 400);
    assert.equal(await status(Array(50).fill(event)), 201);
    const rest = [];
    for (let request = 0; request < 10; request += 1)
      rest.push(await status(Array(50).fill(event)));
    assert.ok(rest.includes(429));
  });

  test("the byline's function gets what Forge documents", async () => {
    const response = await fetch(`${host.site}/bridge/byline?user=user`, {
      method: "POST",
      body: JSON.stringify({ content: "65601" }),
    });
    const { title, tooltip } = await response.json();
    const { payload, context } = JSON.parse(title);
    assert.deepEqual(Object.keys(payload).sort(), ["cloudId", "extension", "localId"]);
    assert.equal(payload.extension.content.id, "65601");
    assert.match(context.principal.accountId, /^557058:/);
    assert.equal(tooltip, "Explainer videos of this page");
  });

  test("another site's page cannot use the host", async () => {
    const call = (headers) =>
      fetch(`${host.site}/bridge/invoke`, { method: "POST", headers, body: "{}" });
    assert.equal((await call({ origin: "https://elsewhere.test" })).status, 403);
    assert.equal((await call({ origin: host.ui })).status, 403);
  });

  test("the Custom UI's policy allows the backend's media and no other host", async () => {
    const response = await fetch(`${host.ui}/__host/bridge.js`);
    const policy = response.headers.get("content-security-policy");
    assert.match(policy, new RegExp(`media-src 'self' data: blob: ${remote.url}(;|$)`));
    assert.match(policy, new RegExp(`frame-ancestors ${host.site}(;|$)`));
    assert.match(policy, /script-src 'self'(;|$)/);
    const hosts = policy.match(/https?:\/\/[^\s;]+/g);
    assert.deepEqual([...new Set(hosts)].sort(), [host.site, remote.url].sort());
  });

  test("a Custom UI that is not built says how to build it", async () => {
    const response = await fetch(`${host.ui}/`);
    assert.equal(response.status, 503);
    assert.match(await response.text(), /cargo xtask build/);
  });

  test("a page that the user may not read is not found", async () => {
    const page = (id, user) => fetch(`${host.site}/wiki/spaces/ENG/pages/${id}?user=${user}`);
    assert.equal((await page(RESTRICTED, "admin")).status, 200);
    assert.equal((await page(RESTRICTED, "user")).status, 404);
    const plain = await (await fetch(`${host.site}/wiki/home?user=user`)).text();
    assert.ok(!plain.includes("Salary bands") && !plain.includes("golpo-settings"));
    const admin = await (await fetch(`${host.site}/wiki/home?user=admin`)).text();
    assert.ok(admin.includes("Salary bands") && admin.includes("golpo-settings"));
  });
});

test("an invocation past its time is ended, and others go on", async (t) => {
  const host = await startProbe({ limits: { invocationSeconds: 1 } });
  t.after(() => host.end());
  const [slow, quick] = await Promise.allSettled([host.run("spin"), host.run("calls")]);
  assert.match(String(slow.reason), /Task timed out after 1\.00 seconds/);
  assert.equal(quick.value, 1);
});

test("invocations are limited per user and per installation", async (t) => {
  const limits = { invocationsPerMinutePerUser: 2, invocationsPerMinutePerInstallation: 3 };
  const host = await startProbe({ limits });
  t.after(() => host.end());
  const runs = async (user) =>
    host.run("calls", {}, { user }).then(
      () => "done",
      (error) => /429 .*Rate limit/.exec(error.message) && "limited",
    );
  const seen = [];
  for (const user of ["user", "user", "user", "admin", "admin"]) seen.push(await runs(user));
  assert.deepEqual(seen, ["done", "done", "limited", "done", "limited"]);
});

test("P3 without a scope, its calls are refused as Atlassian refuses them", async (t) => {
  const pages = await startProbe({ withoutScopes: ["read:page:confluence"] });
  t.after(() => pages.end());
  const path = "/wiki/api/v2/pages/65601";
  const refused = await pages.run("asUser", { path });
  assert.equal(refused.ok.status, 401);
  assert.match(refused.ok.body, /scope does not match/);
  assert.equal(await pages.run("hasScope", { scope: "read:page:confluence" }), false);
  assert.equal(await pages.run("hasScope", { scope: "storage:app" }), true);
  const storage = await startProbe({ withoutScopes: ["storage:app"] });
  t.after(() => storage.end());
  assert.match((await storage.run("set", { key: "a", value: 1 })).message, /storage:app/);
});

test("storage outlives the host", async (t) => {
  const state = mkdtempSync(join(tmpdir(), "golpo-host-"));
  const first = await startProbe({ state });
  await first.run("set", { key: "kept", value: 7 });
  await first.stop();
  const second = await startProbe({ state });
  t.after(() => second.end());
  assert.deepEqual(await second.run("get", { key: "kept" }), { ok: 7 });
});

test("a bundle that is built anew answers the next call, and its source map is heeded", async (t) => {
  const app = mkdtempSync(join(tmpdir(), "golpo-bundle-"));
  const bundle = (body) => `exports.resolver = async () => { ${body} };\n`;
  const write = (text) => writeFileSync(join(app, "golpo.cjs"), text);
  write(bundle("return 1;"));
  const host = await startProbe({ app });
  t.after(() => host.end());
  assert.equal(await host.run("any"), 1);
  write(bundle("return 2;"));
  assert.equal(await host.run("any"), 2);
  // Line 1 of the bundle is line 1 of a source of another name.
  const map = { version: 3, sources: ["shim-source.mjs"], names: [], mappings: "AAAA" };
  const inline = Buffer.from(JSON.stringify(map)).toString("base64");
  write(
    `${bundle("return new Error().stack;")}//# sourceMappingURL=data:application/json;base64,${inline}`,
  );
  assert.match(await host.run("any"), /shim-source\.mjs:1/);
  rmSync(app, { recursive: true, force: true });
});

test("an unreachable remote is an error of the platform's proxy", async (t) => {
  const host = await startProbe();
  t.after(() => host.end());
  const { message } = await host.run("remote", { key: "golpo-backend", path: "/v1/site" });
  assert.match(message, /Forge platform failed to process runtime HTTP request - 502/);
});
