// What the platform, a page or a window of another age may send, through the real @forge packages:
// each ends in a refusal with a code, a sentence and something to do, and the next call works.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { LIMITS } from "../host/limits.mjs";
import { startAll } from "./harness.mjs";

const PAGE = "65601";
const ADMIN = { user: "admin", module: "golpo-settings" };

const ok = (answer) => {
  assert.ok(answer.ok !== undefined, JSON.stringify(answer.error));
  return answer.ok;
};

const code = (answer) => {
  assert.ok(answer.error, "the operation was expected to fail");
  assert.match(answer.error.message, /\.$/);
  assert.match(answer.error.action, /\.$/);
  return answer.error.code;
};

const text = (words) => ({ type: "paragraph", content: [{ type: "text", text: words }] });

describe("bad input", () => {
  let all;
  before(async () => {
    all = await startAll();
  });
  after(() => all?.stop());

  for (const [status, expected] of [
    [429, "rate_limited"],
    [500, "storage_unavailable"],
    [503, "storage_unavailable"],
  ]) {
    test(`storage answering ${status}: ${expected}`, async () => {
      const apiKey = `golpo-canary-${randomUUID()}`;
      all.faults.storageStatus = status;
      const saved = await all.ask("saveApiKey", { apiKey }, ADMIN);
      const removed = await all.ask("removeApiKey", {}, ADMIN);
      const body = JSON.stringify({ content: PAGE });
      const byline = await fetch(`${all.site}/bridge/byline`, { method: "POST", body });
      all.faults.storageStatus = 0;
      assert.deepEqual([code(saved), code(removed)], [expected, expected]);
      assert.equal((await byline.json()).title, "Explainer video");
      assert.ok(!all.logs.join("\n").includes(apiKey));
      // Again, as the refusal says, and it is done.
      assert.equal(ok(await all.ask("saveApiKey", { apiKey }, ADMIN)).site.apiKey.present, true);
      assert.equal(ok(await all.ask("removeApiKey", {}, ADMIN)).site.apiKey.present, false);
    });
  }

  test("a page of 6 MB: previewed and made into a video's script in one invocation each", async () => {
    const words = "The rollback is started by whoever is on call, and nobody else. ";
    const content = Array.from({ length: 6 * 1024 }, () => text(words.repeat(15)));
    all.platform.site.publish(PAGE, () => ({ type: "doc", version: 1, content }));
    const { adf } = all.platform.site.all().find((page) => page.id === PAGE);
    assert.ok(JSON.stringify(adf).length > 6_000_000);
    const started = Date.now();
    const preview = ok(await all.ask("preview", { pageId: PAGE }));
    assert.ok(Date.now() - started < (LIMITS.invocationSeconds * 1000) / 2);
    assert.ok(preview.warnings.some(({ kind }) => kind === "cut"));
    const { pageVersion, script, fingerprint } = preview;
    const wish = { pageId: PAGE, pageVersion, script, sourceFingerprint: fingerprint };
    ok(await all.ask("createVideo", { ...wish, requestId: randomUUID() }));
  });

  test("a page of 17 MB: too_large, with what to do", async () => {
    const content = Array.from({ length: 17 * 1024 }, () => text("x".repeat(1000)));
    all.platform.site.publish(PAGE, () => ({ type: "doc", version: 1, content }));
    assert.equal(code(await all.ask("preview", { pageId: PAGE })), "too_large");
  });

  test("an ADF version that does not exist yet: read, and said so", async () => {
    const node = { type: "hologram", content: [text("Herons are patient birds.")] };
    all.platform.site.publish(PAGE, () => ({ version: 2, type: "doc", content: [node] }));
    const { script, warnings } = ok(await all.ask("preview", { pageId: PAGE }));
    assert.match(JSON.stringify(script), /Herons are patient birds/);
    const kinds = warnings.map(({ kind }) => kind);
    assert.ok(kinds.includes("unknownVersion") && kinds.includes("unknownNode"), kinds.join());
  });

  test("somebody who is not signed in: sign_in_required, and nothing is called", async () => {
    const before = all.platform.remotes.requests.length;
    for (const [operation, payload] of [
      ["context", {}],
      ["preview", { pageId: PAGE }],
      ["listVideos", {}],
      ["videoStatus", { videoId: randomUUID() }],
      ["settings", {}],
    ]) {
      const where = { user: "anonymous", module: "golpo-video" };
      assert.equal(code(await all.ask(operation, payload, where)), "sign_in_required");
    }
    assert.equal(all.platform.remotes.requests.length, before);
    const body = JSON.stringify({ user: "anonymous", content: PAGE });
    const byline = await fetch(`${all.site}/bridge/byline`, { method: "POST", body });
    assert.equal((await byline.json()).title, "Explainer video");
  });

  test("a context without a content id: no_page where the view is about a page", async () => {
    for (const module of ["golpo-content-action", "golpo-context-menu", "golpo-byline"]) {
      const where = { module, page: null };
      assert.equal(code(await all.ask("context", {}, where)), "no_page", module);
    }
    for (const module of ["golpo-library", "golpo-video", "golpo-settings"]) {
      ok(await all.ask("context", {}, { module, page: null }));
    }
  });

  test("an old window and a new app, a new window and an old app: version_mismatch", async () => {
    const protocol = readFileSync(new URL("../../static/src/protocol.ts", import.meta.url), "utf8");
    const UI_VERSION = Number(/UI_VERSION = (\d+)/.exec(protocol)[1]);
    for (const uiVersion of [UI_VERSION - 1, UI_VERSION + 1, "later"]) {
      assert.equal(code(await all.ask("context", { uiVersion })), "version_mismatch");
      assert.equal(code(await all.ask("notYet", { uiVersion, new: 1 })), "version_mismatch");
    }
    ok(await all.ask("context", { uiVersion: UI_VERSION }));
    ok(await all.ask("preview", { pageId: PAGE, uiVersion: UI_VERSION }));
  });
});
