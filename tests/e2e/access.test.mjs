// Two users and a page that only one of them may read: nothing made of it reaches the other, on no
// way there is (P3, P5). Every check is Confluence's own answer to a call on the user's behalf.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { startAll } from "./harness.mjs";

const RESTRICTED = "65603";
const OPEN = "65601";
const VIDEO_MS = 120_000;
/** Words of the restricted page: its title, and what it says. */
const HIDDEN = /Salary bands|Draft bands|pay for the work/i;

let all;
let video;

const ok = (answer) => {
  assert.ok(answer.ok !== undefined, JSON.stringify(answer.error));
  return answer.ok;
};

/** The code of a refusal that tells nothing of the page. */
const code = (answer) => {
  assert.ok(answer.error, "was expected to be refused");
  assert.doesNotMatch(JSON.stringify(answer), HIDDEN);
  return answer.error.code;
};

const status = (user, where = {}) =>
  all.ask("videoStatus", { videoId: video.id }, { user, ...where });

before(
  async () => {
    all = await startAll();
    const admin = { user: "admin", page: RESTRICTED };
    const preview = ok(
      await all.ask("preview", { pageId: RESTRICTED, length: "seconds30" }, admin),
    );
    assert.match(JSON.stringify(preview.script), HIDDEN);
    const { pageVersion, script } = preview;
    const wish = { pageId: RESTRICTED, pageVersion, script, requestId: randomUUID() };
    video = ok(await all.ask("createVideo", wish, admin));
    const deadline = Date.now() + VIDEO_MS;
    while (ok(await status("admin")).video.state !== "done") {
      assert.ok(Date.now() < deadline, "the video was not done in time");
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  },
  { timeout: VIDEO_MS + 30_000 },
);
after(() => all?.stop());

test("P5 a restricted page cannot be previewed, nor its files listed, from wherever it is asked", async () => {
  for (const page of [RESTRICTED, OPEN, null]) {
    for (const module of ["golpo-content-action", "golpo-byline", "golpo-library", "golpo-video"]) {
      const where = { user: "user", page, module };
      for (const [operation, payload] of [
        ["preview", { pageId: RESTRICTED }],
        ["preview", { pageId: RESTRICTED, selection: "publish the ranges" }],
        ["preview", { pageId: RESTRICTED, attachmentIds: ["att1"] }],
        ["listAttachments", { pageId: RESTRICTED }],
      ]) {
        assert.equal(code(await all.ask(operation, payload, where)), "page_not_found");
      }
    }
  }
});

test("P5 no video is made of a restricted page, and the backend is not asked", async () => {
  const script = { title: "Guess", sections: [{ heading: "", text: "What I think it says." }] };
  const wish = { pageId: RESTRICTED, pageVersion: 99, script, requestId: randomUUID() };
  const before = all.platform.remotes.requests.length;
  const report = { code: "page_not_found", operation: "createVideo" };
  for (const page of [RESTRICTED, OPEN]) {
    assert.equal(
      code(await all.ask("createVideo", wish, { user: "user", page })),
      "page_not_found",
    );
  }
  // It hears that something failed, and of what kind; not of which page.
  for (const { path, body } of all.platform.remotes.requests.slice(before)) {
    assert.deepEqual([path, JSON.parse(body)], ["/v1/errors", report]);
  }
});

test("P5 its video is in no list, and the list does not say that one is missing", async () => {
  for (const payload of [{}, { pageId: RESTRICTED }]) {
    const answer = await all.ask("listVideos", payload, { user: "user", module: "golpo-library" });
    assert.doesNotMatch(JSON.stringify(answer), HIDDEN);
    assert.ok(!JSON.stringify(answer).includes(video.id));
    assert.deepEqual(ok(answer).videos, []);
  }
  const { videos } = ok(await all.ask("listVideos", {}, { user: "admin" }));
  assert.deepEqual(
    videos.map(({ id }) => id),
    [video.id],
  );
});

test("P5 its video does not play through a macro on a page that everyone reads", async () => {
  const macro = { module: "golpo-video", page: OPEN, extension: { config: { videoId: video.id } } };
  // The macro's parameter is known to whoever may edit the page; it opens nothing.
  assert.equal(ok(await all.ask("context", {}, { user: "user", ...macro })).videoId, video.id);
  const refused = await status("user", macro);
  // The same words as of a video that never was.
  const none = await all.ask("videoStatus", { videoId: randomUUID() }, { user: "user", ...macro });
  assert.deepEqual(refused, none);
  assert.equal(code(refused), "video_not_found");
  assert.ok(ok(await status("admin", macro)).media.videoUrl);
});

test("P5 addresses of its files are signed, expire, and are given after a look at the page alone", async () => {
  const before = all.platform.remotes.requests.length;
  await status("user");
  const asked = all.platform.remotes.requests.slice(before).map(({ path }) => path);
  assert.ok(!asked.some((path) => path.endsWith("/media")), asked.join());
  const { media } = ok(await status("admin"));
  const minutes = (new Date(media.expiresAt) - Date.now()) / 60_000;
  assert.ok(minutes > 0 && minutes <= 60, `${minutes} minutes`);
  for (const address of [media.videoUrl, media.captionsUrl, media.posterUrl]) {
    assert.equal((await fetch(address, { method: "HEAD" })).status, 200);
    const longer = new URL(address);
    for (const [name, value] of longer.searchParams) {
      if (/^\d{10}$/.test(value)) longer.searchParams.set(name, String(Number(value) + 86_400));
    }
    assert.notEqual(longer.href, address, "the address says when it expires");
    assert.equal((await fetch(longer)).status, 403);
    assert.equal((await fetch(address.split("?")[0])).ok, false);
  }
});

test("P5 the byline tells nothing of a page that the user may not read", async () => {
  const byline = async (user) => {
    const body = JSON.stringify({ user, content: RESTRICTED });
    return (await (await fetch(`${all.site}/bridge/byline`, { method: "POST", body })).json())
      .title;
  };
  const deadline = Date.now() + 60_000;
  while ((await byline("admin")) !== "1 video" && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.equal(await byline("admin"), "1 video");
  assert.equal(await byline("user"), "Explainer video");
});

test("P5 whoever loses the page loses its videos, and whoever gets it gets them", async () => {
  const { site } = all.platform;
  site.restrict(RESTRICTED, ["user"]);
  assert.equal(code(await status("admin")), "video_not_found", "an administrator is a reader too");
  assert.deepEqual(ok(await all.ask("listVideos", {}, { user: "admin" })).videos, []);
  ok(await status("user"));
  site.restrict(RESTRICTED, undefined);
  ok(await status("admin"));
  assert.equal(ok(await all.ask("listVideos", {}, { user: "user" })).videos.length, 1);
  site.restrict(RESTRICTED, ["admin"]);
  assert.equal(code(await status("user")), "video_not_found");
});
