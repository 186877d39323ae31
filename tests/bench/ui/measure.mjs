// What a person waits for when a view opens on the local host, as Chromium itself tells it: the first
// content, what moved after it was there, tasks that kept the page from answering; how often the app
// was called, and what was loaded. Prints one line of JSON, an object by view. See `cargo xtask bench ui`.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inDialog, inPage, openPage, startBrowser } from "../../browser/browser.mjs";
import { bundleSizes } from "../../e2e/bundle.mjs";
import { ask, startAll } from "../../e2e/harness.mjs";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PAGE = "65601";
const MACRO_PAGE = "/wiki/pages/65606";
/** Times that each view is opened, each in a profile of its own. */
const ROUNDS = 5;
/** What comes late is seen as well. */
const SETTLE_MS = 1500;

/** How a view is reached; gives its frame's content, with what must be seen there. */
const VIEWS = {
  Create: async ({ page, go }) => {
    await go(`/wiki/pages/${PAGE}`);
    await page.getByRole("button", { name: "More actions" }).click();
    await page.locator("#more-actions button").first().click();
    return [inDialog(page), ".removals"];
  },
  Byline: async ({ page, go }) => {
    await go(`/wiki/pages/${PAGE}`);
    await page.locator("#byline-app").click();
    return [inDialog(page), '[data-testid="video-row"]'];
  },
  Library: async ({ page, go }) => {
    await go("/wiki/apps/golpo-videos");
    return [inPage(page), '[data-testid="video-row"]'];
  },
  Macro: async ({ page, go }) => {
    await go(MACRO_PAGE);
    return [page.frameLocator(".macro iframe"), "video"];
  },
  Settings: async ({ page, go }) => {
    await go("/wiki/admin/golpo-settings");
    return [inPage(page), '[data-testid="api-key-input"]'];
  },
};

/** Chromium's own entries of a frame. */
const figures = () =>
  new Promise((resolve) => {
    const found = { shift: 0, longTasks: 0 };
    const watch = (type, add) =>
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) add(entry);
      }).observe({ type, buffered: true });
    watch("layout-shift", ({ value, hadRecentInput }) => {
      if (!hadRecentInput) found.shift += value;
    });
    watch("longtask", ({ duration }) => {
      found.longTasks += duration;
    });
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    setTimeout(() => resolve({ ...found, firstContent: paint?.startTime ?? Number.NaN }), 200);
  });

async function open(browser, site, reach) {
  const person = await openPage(browser, { site, user: "admin" });
  let invokes = 0;
  person.page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/bridge/invoke") invokes += 1;
  });
  const [app, sign] = await reach(person);
  await app.locator(sign).first().waitFor();
  await person.page.waitForTimeout(SETTLE_MS);
  const frame = await (await app.locator("body").elementHandle()).ownerFrame();
  const one = { ...(await frame.evaluate(figures)), invokes };
  await person.close();
  if (person.faults.length > 0) throw new Error(person.faults.join("\n"));
  return one;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function makeVideo({ site }) {
  const where = { content: PAGE };
  const { ok: preview } = await ask(site, "preview", { pageId: PAGE }, where);
  const { pageId, pageVersion, script } = preview;
  const requestId = crypto.randomUUID();
  const wish = { pageId, pageVersion, script, requestId };
  const { ok: video } = await ask(site, "createVideo", wish, where);
  for (;;) {
    const { ok } = await ask(site, "videoStatus", { videoId: video.id }, where);
    if (ok.video.state === "failed") throw new Error(JSON.stringify(ok.video.failure));
    if (ok.video.state === "done") return video.id;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Has the macro of its page play the video, as its author would. */
async function chooseVideo(browser, site) {
  const { page, go, close } = await openPage(browser, { site, user: "admin" });
  await go(MACRO_PAGE);
  await page.locator("[data-configure]").first().click();
  await inDialog(page)
    .getByRole("button", { name: /^Choose / })
    .first()
    .click();
  await page.frameLocator(".macro iframe").locator("video").waitFor();
  await close();
}

const all = await startAll();
const browser = await startBrowser();
try {
  await makeVideo(all);
  await chooseVideo(browser, all.site);
  const sizes = bundleSizes(join(ROOT, "static/dist"));
  const result = {};
  for (const [view, reach] of Object.entries(VIEWS)) {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1)
      rounds.push(await open(browser, all.site, reach));
    const of = (name) => median(rounds.map((one) => one[name]));
    result[view] = {
      bytes: sizes[view].bytes,
      firstContentMs: of("firstContent"),
      invokes: of("invokes"),
      shift: of("shift"),
      longTasksMs: of("longTasks"),
    };
  }
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await browser.close();
  await all.stop();
}
