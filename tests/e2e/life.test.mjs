// The life of an installation on the local host: updated, renamed, unlicensed, uninstalled, installed
// again; and work that outlasts a call, delivered more often than once.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { compactVerify, createLocalJWKSet, decodeJwt } from "jose";
import { filesBelow } from "./canary.mjs";
import { startAll } from "./harness.mjs";

const PAGE = "65601";
const VIDEO_MS = 120_000;
const ATTACHMENTS = "read:attachment:confluence";

let all;
let made;
let looks;

const ok = (answer) => {
  assert.ok(answer.ok !== undefined, JSON.stringify(answer.error));
  return answer.ok;
};

const byline = async () => {
  const body = JSON.stringify({ content: PAGE });
  return (await (await fetch(`${all.site}/bridge/byline`, { method: "POST", body })).json()).title;
};

const until = async (condition, what) => {
  const deadline = Date.now() + VIDEO_MS;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};

async function wish() {
  const { pageVersion, script } = ok(
    await all.ask("preview", { pageId: PAGE, length: "seconds30" }),
  );
  return { pageId: PAGE, pageVersion, script, requestId: randomUUID() };
}

before(
  async () => {
    all = await startAll({
      // As installed before the app asked for attachments.
      withoutScope: ATTACHMENTS,
      faults: { deliverTwice: true },
    });
    const asked = await wish();
    made = ok(await all.ask("createVideo", asked));
    // Progress can be read at any time; the answer is the backend's.
    const { video } = ok(await all.ask("videoStatus", { videoId: made.id }));
    assert.ok(video.percent >= 0);
    // The window asks again, as after a lost answer.
    assert.equal(ok(await all.ask("createVideo", asked)).id, made.id);
    await until(async () => (await byline()) === "1 video", "the byline's number");
    const { requests } = all.platform.remotes;
    looks = requests.filter(({ path }) => path.endsWith(`&pageId=${PAGE}`)).length;
  },
  { timeout: VIDEO_MS + 30_000 },
);
after(() => all?.stop());

test("events that come twice, of a wish that came twice, are looked after once", () => {
  // 5, 15, 25, 40 and 70 seconds after the wish, the first of each of the two events among them.
  assert.ok(looks >= 1 && looks <= 6, `${looks} looks`);
  const queued = all.platform.kvs.dump();
  assert.ok(!queued.includes("looking"), queued);
});

test("P3 an update's scope is missed until an administrator grants it, and again once it is revoked", async () => {
  const list = () => all.ask("listAttachments", { pageId: PAGE });
  const missing = (answer) => {
    assert.equal(answer.error?.code, "scope_missing");
    assert.ok(answer.error.message.includes(ATTACHMENTS));
    assert.match(answer.error.action, /Connected apps .*approve its update/);
  };
  missing(await list());
  // All else works on.
  ok(await all.ask("preview", { pageId: PAGE }));
  all.platform.grant(ATTACHMENTS);
  ok(await list());
  all.platform.revoke(ATTACHMENTS);
  missing(await list());
  all.platform.grant(ATTACHMENTS);
});

test("a site that is renamed keeps its videos", async () => {
  const now = all.site;
  all.platform.servedAt("http://renamed.localhost");
  const { videos } = ok(await all.ask("listVideos", {}));
  assert.deepEqual(
    videos.map(({ id }) => id),
    [made.id],
  );
  const { headers } = all.platform.remotes.requests.at(-1);
  const { context } = decodeJwt(headers.authorization.replace("Bearer ", ""));
  assert.equal(context.siteUrl, "http://renamed.localhost");
  assert.equal(await byline(), "1 video");
  all.platform.servedAt(now);
});

test("without an active licence videos are watched and none is made; a trial is active", async () => {
  const { installation } = all.platform;
  const asked = await wish();
  installation.license = { isActive: false };
  assert.equal((await all.ask("createVideo", asked)).error?.code, "licence_inactive");
  ok(await all.ask("videoStatus", { videoId: made.id }));
  installation.license = {
    isActive: true,
    isEvaluation: true,
    trialEndDate: "2027-01-01T00:00:00Z",
  };
  ok(await all.ask("createVideo", asked));
  // What development, and an app that costs nothing, have.
  installation.license = undefined;
  ok(await all.ask("createVideo", asked));
});

test("P22 P23 uninstalling deletes everything, here and in the backend, which signs a receipt", async () => {
  const { platform } = all;
  const admin = { user: "admin", module: "golpo-settings" };
  ok(await all.ask("saveApiKey", { apiKey: `golpo-canary-${randomUUID()}` }, admin));
  const { id } = platform.installation;
  const { videos } = ok(await all.ask("listVideos", {}));
  assert.ok(videos.length > 0);
  assert.ok(filesBelow(join(all.folder, "objects")).length >= 3);
  const database = () => {
    const files = filesBelow(all.folder).filter(([path]) => path.includes("golpo.db"));
    return Buffer.concat(files.map(([, bytes]) => bytes));
  };
  for (const { id } of videos) assert.ok(database().includes(id));
  const before = platform.remotes.requests.length;
  await platform.uninstall();
  const calls = platform.remotes.requests.slice(before);
  const told = calls.filter(({ path }) => path === "/v1/uninstalled");
  assert.ok(told.length >= 1);
  for (const { method, body, headers } of told) {
    assert.equal(method, "POST");
    assert.equal(body, undefined);
    const { app, principal } = decodeJwt(headers.authorization.replace("Bearer ", ""));
    assert.equal(app.installationId, id);
    assert.equal(app.module.key, "golpo-uninstall");
    assert.equal(principal, undefined);
  }
  assert.equal(platform.kvs.dump(), "[[],[]]");

  // The backend does it in the background, and a receipt says when nothing is left.
  const { headers, answer } = told.at(-1);
  const noted = JSON.parse(answer.body).id;
  const { authorization } = headers;
  let deletion;
  await until(async () => {
    const asked = await fetch(`${all.backend}/v1/deletions/${noted}`, {
      headers: { authorization },
    });
    deletion = await asked.json();
    return deletion.state === "verified";
  }, "the deletion");
  assert.equal(deletion.reason, "uninstalled");
  const published = await fetch(`${all.backend}/.well-known/deletion-receipts.json`);
  const keys = createLocalJWKSet(await published.json());
  const { payload } = await compactVerify(deletion.receipt, keys);
  const receipt = JSON.parse(new TextDecoder().decode(payload));
  assert.equal(receipt.remaining, 0);
  assert.equal(receipt.removed.apiKeys, 1);
  assert.equal(receipt.removed.dataKeys, 1);
  assert.equal(receipt.removed.videos, videos.length);
  // A worker that was just storing a file takes it away itself.
  await until(() => filesBelow(join(all.folder, "objects")).length === 0, "the end of the files");
  const left = database();
  for (const { id } of videos) assert.ok(!left.includes(id), `${id} is still in the database`);
});

test("installed again, the app starts anew", async () => {
  const { platform } = all;
  platform.install();
  assert.equal(await byline(), "Explainer video");
  ok(await all.ask("context", {}));
  ok(await all.ask("listVideos", {}));
  const admin = { user: "admin", module: "golpo-settings" };
  const { site } = ok(await all.ask("saveApiKey", { apiKey: "golpo-key-after-that" }, admin));
  assert.equal(site.apiKey.present, true);
  const { headers } = platform.remotes.requests.at(-1);
  const { app } = decodeJwt(headers.authorization.replace("Bearer ", ""));
  assert.equal(app.installationId, platform.installation.id);
});
