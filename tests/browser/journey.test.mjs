// What a person does, in a real browser: the built app in the local host, the real backend, no network
// beyond this machine.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { startAll } from "../e2e/harness.mjs";
import { inDialog, inPage, openPage, startBrowser } from "./browser.mjs";

const PAGE = "/wiki/pages/65601";
const KEY = "golpo-browser-canary-key-7391";
const NAMES = ["Mira Placeholder", "Tomas Beispiel", "Noor Musterova"];
const VIDEO_MS = 240_000;
const BYLINE_MS = 90_000;
const CREATE = "Create video with Golpo AI";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** Opens the "…" menu and chooses the app's action; gives the app's frame. */
async function openCreate({ page, go }) {
  await go(PAGE);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("button", { name: CREATE }).first().click();
  return inDialog(page);
}

/** Waits until the frame is as high as what it shows: one that scrolls by itself hides the rest. */
async function wholeFrame(frame) {
  const beyond = () =>
    frame
      .locator("body")
      .evaluate(
        () => document.documentElement.scrollHeight - document.documentElement.clientHeight,
      );
  const deadline = Date.now() + 3000;
  while ((await beyond()) > 0) {
    assert.ok(Date.now() < deadline, `the frame hides ${await beyond()} px`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The layer that marks words must lay its text exactly as the field below it does. */
async function marksMatch(frame) {
  const off = await frame.locator(".marked").evaluateAll((fields) =>
    fields
      .map((field) => {
        const [text, layer] = field.children;
        const style = (it) => {
          const { fontSize, fontFamily, fontWeight, lineHeight, letterSpacing } =
            getComputedStyle(it);
          const { paddingLeft, paddingTop, borderLeftWidth } = getComputedStyle(it);
          const font = `${fontSize} ${fontFamily} ${fontWeight} ${Number.parseFloat(lineHeight)}`;
          return `${font} ${letterSpacing} ${paddingLeft} ${paddingTop} ${borderLeftWidth}`;
        };
        // Under the field nobody sees a mark.
        const above = [layer, text].map((it) => getComputedStyle(it).position).join();
        if (above !== "relative,relative") return `positions: ${above}`;
        const hidden = text.scrollHeight - text.clientHeight;
        if (hidden > 0) return `${hidden} px are hidden of: ${text.value.slice(0, 40)}`;
        return style(text) === style(layer) ? "" : `${style(text)} is not ${style(layer)}`;
      })
      .filter(Boolean),
  );
  assert.deepEqual(off, []);
}

/** The player by its keys alone, and its transcript. */
async function playByKeys({ page, library, video }) {
  const of = (what) => video.evaluate((it, name) => it[name], what);
  await video.focus();
  await page.keyboard.press("k");
  assert.equal(await of("paused"), true);
  const before = await of("currentTime");
  await page.keyboard.press("ArrowRight");
  assert.ok(Math.abs((await of("currentTime")) - before - 5) < 0.1, "five seconds on");
  await page.keyboard.press("c");
  assert.equal(await video.evaluate((it) => it.textTracks[0].mode), "hidden");
  await page.keyboard.press("c");
  await page.keyboard.press(">");
  assert.equal(await of("playbackRate"), 1.25);
  await page.keyboard.press("<");
  await page.keyboard.press("m");
  assert.equal(await of("muted"), true);
  await library.getByText("Transcript").click();
  const lines = library.getByTestId("transcript").getByRole("button");
  assert.ok((await lines.count()) > 2, "the transcript has the captions");
  const line = lines.nth(1);
  const [minutes, seconds] = (await line.locator(".time").textContent()).split(":").map(Number);
  await line.click();
  await page.waitForTimeout(300);
  const at = await of("currentTime");
  const from = minutes * 60 + seconds;
  assert.ok(at >= from && at < from + 3, `line at ${from} s, played ${at}`);
  assert.equal(await of("paused"), false);
}

describe("a person makes and watches a video", () => {
  let all;
  before(async () => {
    all = await startAll();
  });
  after(() => all?.stop());
  const open = (options) => openPage(browser, { site: all.site, user: "user", ...options });

  test("from the page's menu to a playing video", { timeout: VIDEO_MS }, async () => {
    const person = await open();
    const { page, shot } = person;
    await person.go(PAGE);
    await shot("01-page");
    await page.getByRole("button", { name: "More actions" }).click();
    await shot("02-menu");
    await page.getByRole("button", { name: CREATE }).first().click();
    const app = inDialog(page);

    // The preview: the page's words, and of the people only that they were removed (P9).
    await app.getByRole("heading", { name: "Removed before sending" }).waitFor();
    const fields = await app.locator(".script input, .script textarea").all();
    const script = (await Promise.all(fields.map((field) => field.inputValue()))).join("\n");
    assert.match(script, /What counts as an incident/);
    assert.match(script, /Restore first/);
    const removals = await app.locator(".removals").textContent();
    for (const name of NAMES) {
      assert.ok(!script.includes(name), `${name} is in the text that will leave`);
      assert.ok(!removals.includes(name), `${name} is told of what was removed`);
    }
    assert.match(removals, /\d+ mentions?, in the text of “/);
    const marked = await app.locator(".marks mark").allTextContents();
    assert.ok(marked.includes("a colleague"), `the removals are marked in place: ${marked}`);
    await marksMatch(app);
    assert.match(
      await app.locator(".send").textContent(),
      /\d+ words, about \d+:\d\d of narration/,
    );
    await shot("03-preview");

    // The progress moves, and never back.
    await app.getByRole("button", { name: "Create video" }).click();
    const bar = app.getByRole("progressbar");
    await bar.waitFor();
    await shot("04-progress");
    const seen = [];
    const video = app.locator("video");
    while (!(await video.isVisible())) {
      const trouble = app.getByRole("alert");
      if (await trouble.count()) assert.fail(`while it was made: ${await trouble.textContent()}`);
      const now = await bar.getAttribute("aria-valuenow", { timeout: 1000 }).catch(() => null);
      if (now !== null && Number(now) !== seen.at(-1)) {
        seen.push(Number(now));
        if (seen.length === 3) await shot("05-progress-later");
      }
      await page.waitForTimeout(100);
    }
    assert.ok(seen.length >= 2, `the progress bar moved: ${seen}`);
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );

    // The video plays, with captions and chapters.
    await video.evaluate((it) => it.play());
    await page.waitForTimeout(2500);
    const state = await video.evaluate((it) => ({
      time: it.currentTime,
      duration: it.duration,
      width: it.videoWidth,
      cues: it.textTracks[0].cues?.length ?? 0,
      mode: it.textTracks[0].mode,
    }));
    assert.ok(state.time > 1, `it plays: ${JSON.stringify(state)}`);
    assert.ok(state.duration >= 10);
    assert.equal(state.width, 1280);
    assert.ok(state.cues > 0);
    assert.equal(state.mode, "showing");
    await shot("06-player");
    await app.getByRole("button", { name: /^\d+:\d\d Afterwards$/ }).click();
    await page.waitForTimeout(1500);
    const later = await video.evaluate((it) => it.currentTime);
    assert.ok(later > state.time + 3, `the chapter was sought: ${later}`);
    await shot("07-chapter");
    const download = await app.getByRole("link", { name: "Download video" }).getAttribute("href");
    assert.match(download, /^http:\/\/127\.0\.0\.1:\d+\/media\//);

    await page.getByRole("button", { name: "Close" }).click();
    // The byline's count is kept by an event of its own, so it may be there a few views later.
    const count = page.getByRole("button", { name: /^1 video/ });
    const deadline = Date.now() + BYLINE_MS;
    const counted = () =>
      count.waitFor({ timeout: 3000 }).then(
        () => true,
        () => false,
      );
    while (!(await counted())) {
      assert.ok(Date.now() < deadline, "the byline never counted the video");
      await person.go(PAGE);
    }
    await shot("08-byline");
    assert.deepEqual(person.faults, []);
    await person.close();
  });

  test("byline and library list it and play it", { timeout: VIDEO_MS }, async () => {
    const person = await open();
    const { page, shot } = person;
    await person.go(PAGE);
    await page.getByRole("button", { name: /^1 video/ }).click();
    const byline = inDialog(page);
    await byline.getByRole("button", { name: /^Open / }).waitFor();
    assert.ok(await byline.getByRole("button", { name: "Create video" }).isVisible());
    await shot("09-byline-list");

    await person.go("/wiki/apps/golpo-videos");
    const library = inPage(page);
    await library.getByRole("button", { name: /^Open / }).waitFor();
    assert.match(await library.locator("tbody tr").textContent(), /Ready/i);
    await shot("10-library");
    await library.getByRole("button", { name: /^Open / }).click();
    const video = library.locator("video");
    await video.waitFor();
    await video.evaluate((it) => it.play());
    await page.waitForTimeout(1500);
    assert.ok((await video.evaluate((it) => it.currentTime)) > 0.5);
    await playByKeys({ page, library, video });
    await shot("37-player-transcript");
    // To its very end: every picture and sound is decoded.
    const end = await video.evaluate(
      (it) =>
        new Promise((resolve) => {
          const tell = () =>
            resolve({
              ended: it.ended,
              error: it.error?.message ?? null,
              missing: it.duration - it.currentTime,
              frames: it.getVideoPlaybackQuality().totalVideoFrames,
            });
          it.onended = tell;
          it.onerror = tell;
          it.muted = true;
          it.playbackRate = 6;
        }),
    );
    assert.deepEqual([end.ended, end.error], [true, null], JSON.stringify(end));
    assert.ok(end.missing < 0.1 && end.frames > 50, JSON.stringify(end));
    await wholeFrame(library);
    const saving = page.waitForEvent("download");
    await library.getByRole("link", { name: "Download video" }).click();
    const saved = await saving;
    assert.match(saved.suggestedFilename(), /^How an incident runs.*\.mp4$/);
    const bytes = await readFile(await saved.path());
    assert.equal(bytes.subarray(4, 8).toString("latin1"), "ftyp");
    await shot("11-library-player");
    assert.deepEqual(person.faults, []);
    await person.close();
  });

  test("the macro takes a video that its author chooses", { timeout: VIDEO_MS }, async () => {
    for (const dark of [false, true]) {
      const person = await open({ dark });
      const { page, shot } = person;
      await person.go("/wiki/pages/65606");
      const macro = page.frameLocator(".macro iframe");
      if (!dark) {
        await macro.getByRole("heading", { name: "No video chosen" }).waitFor();
        await shot("25-macro-empty");
      }
      await page.getByRole("button", { name: /^Configure / }).click();
      const choice = inDialog(page).getByRole("button", { name: /^Choose / });
      await choice.waitFor();
      await shot(dark ? "27-macro-choice-dark" : "26-macro-choice");
      await choice.click();
      const video = macro.locator("video");
      await video.waitFor();
      await video.evaluate((it) => it.play());
      await page.waitForTimeout(1000);
      assert.ok((await video.evaluate((it) => it.currentTime)) > 0.3);
      await wholeFrame(macro);
      await shot(dark ? "29-macro-dark" : "28-macro");
      assert.deepEqual(person.faults, []);
      await person.close();
    }
  });

  test("in the dark", { timeout: VIDEO_MS }, async () => {
    const person = await open({ dark: true });
    const app = await openCreate(person);
    await app.getByRole("heading", { name: "Removed before sending" }).waitFor();
    const colors = await app.locator("body").evaluate((it) => getComputedStyle(it).backgroundColor);
    const [red] = colors.match(/\d+/g).map(Number);
    assert.ok(red < 80, `a dark background: ${colors}`);
    await person.shot("12-preview-dark");
    await person.go("/wiki/apps/golpo-videos");
    const library = inPage(person.page);
    await library.getByRole("button", { name: /^Open / }).waitFor();
    await person.shot("13-library-dark");
    await library.getByRole("button", { name: /^Open / }).click();
    await library.locator("video").waitFor();
    await person.shot("14-player-dark");
    assert.deepEqual(person.faults, []);
    await person.close();
  });

  test("menu, dialog and preview by keyboard alone", { timeout: VIDEO_MS }, async () => {
    const person = await open();
    const { page } = person;
    await person.go(PAGE);
    const focused = () =>
      page.evaluate(() => {
        const it = document.activeElement;
        return it?.getAttribute("aria-label") ?? it?.textContent?.trim() ?? "";
      });
    const tabTo = async (name) => {
      for (let press = 0; press < 60; press += 1) {
        if ((await focused()) === name) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`Tab never reached ${name}`);
    };
    await tabTo("More actions");
    await page.keyboard.press("Enter");
    await tabTo(CREATE);
    await page.keyboard.press("Enter");
    const app = inDialog(page);
    const field = app.getByLabel("Text of section 1", { exact: true });
    await field.waitFor();
    const inField = () => field.evaluate((it) => it === document.activeElement);
    for (let press = 0; press < 20 && !(await inField()); press += 1) {
      await page.keyboard.press("Tab");
    }
    assert.ok(await inField(), "Tab reaches the text");
    await page.keyboard.type("Hello. ");
    assert.match(await field.inputValue(), /Hello\. /);
    await person.shot("15-keyboard");
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
    assert.deepEqual(person.faults, []);
    await person.close();
  });

  test("P4 a plain user is refused the settings", async () => {
    const person = await open();
    await person.go("/wiki/admin/golpo-settings");
    const app = inPage(person.page);
    const alert = app.locator('[data-code="admin_required"]');
    await alert.waitFor();
    assert.match(await alert.textContent(), /administrator/i);
    assert.equal(await app.locator("input").count(), 0);
    await person.shot("16-settings-refused");
    assert.deepEqual(person.faults, []);
    await person.close();
  });

  test("P11 an administrator saves a key and sees its fingerprint alone", async () => {
    for (const dark of [false, true]) {
      const person = await open({ user: "admin", dark });
      const { page, shot } = person;
      const answers = [];
      page.on("response", (response) => {
        if (response.url().includes("/bridge/")) answers.push(response.text());
      });
      await person.go("/wiki/admin/golpo-settings");
      const app = inPage(page);
      const field = app.locator("#api-key");
      await field.fill(KEY);
      await shot(dark ? "20-settings-dark" : "17-settings");
      await app.getByRole("button", { name: /^(Save|Replace) key$/ }).click();
      await app.getByText("The key was saved.").waitFor();
      assert.match(await app.locator("dl code").textContent(), /^[0-9a-f]{8}$/);
      assert.equal(await field.inputValue(), "");
      for (const frame of page.frames()) {
        assert.ok(!(await frame.content()).includes(KEY), "the key is in the page");
        const kept = await frame.evaluate(() =>
          [...document.querySelectorAll("input, textarea")]
            .map((it) => it.value)
            .concat(JSON.stringify([{ ...localStorage }, { ...sessionStorage }]), location.href)
            .join(),
        );
        assert.ok(!kept.includes(KEY), "the key is kept in the browser");
      }
      for (const text of await Promise.all(answers)) {
        assert.ok(!text.includes(KEY), "an answer brings the key back");
      }
      assert.ok(answers.length >= 2, "the answers were read");
      await shot(dark ? "21-settings-saved-dark" : "18-settings-saved");
      await app.getByRole("button", { name: "Remove key" }).click();
      const dialog = app.getByRole("alertdialog");
      await dialog.waitFor();
      await shot(dark ? "22-settings-remove-dark" : "19-settings-remove");
      await dialog.getByRole("button", { name: "Remove key" }).click();
      await app.getByText("The key was removed.").waitFor();
      assert.equal(await app.locator("dl code").count(), 0);
      assert.deepEqual(person.faults, []);
      await person.close();
    }
  });
});

test("an API key that is missing is named before any work", async () => {
  const all = await startAll({ requireApiKey: true });
  try {
    const person = await openPage(browser, { site: all.site, user: "user" });
    const app = await openCreate(person);
    await app.locator('[data-code="api_key_missing"]').waitFor();
    assert.equal(await app.locator("textarea").count(), 0);
    await person.shot("23-key-missing");
    assert.deepEqual(person.faults, []);
    await person.close();
  } finally {
    await all.stop();
  }
});

test("a backend that is down is named with what to do", async () => {
  const all = await startAll({ backendDown: true });
  try {
    const person = await openPage(browser, { site: all.site, user: "user" });
    const app = await openCreate(person);
    const alert = app.locator('[data-code="backend_unavailable"]');
    await alert.waitFor();
    assert.ok((await alert.locator("p").allTextContents()).every((text) => text.endsWith(".")));
    assert.ok(await alert.getByRole("button", { name: "Try again" }).isVisible());
    await person.shot("24-backend-down");
    assert.deepEqual(person.faults, []);
    await person.close();
  } finally {
    await all.stop();
  }
});
