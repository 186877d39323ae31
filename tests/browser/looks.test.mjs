// Every view in every state, as people have it before them: for those who do not see it (axe-core, WCAG
// 2.2 AA), on narrow and wide windows, at 200 %, light and dark, in long words and from right to left.
// Nothing may lie beyond the frame's edge. Screenshots are kept, to be looked at.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { requireBuiltApp, startAll } from "../e2e/harness.mjs";
import { inDialog, inPage, openPage, startBrowser } from "./browser.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const PAGE = "/wiki/pages/65601";
const EMPTY_PAGE = "/wiki/pages/65604";
const MACRO_PAGE = "/wiki/pages/65606";
const LIBRARY = "/wiki/apps/golpo-videos";
const SETTINGS = "/wiki/admin/golpo-settings";
const VIDEO_MS = 180_000;

/** Who reads what: how the words of the way there are called, and in which windows it is looked at. */
const READERS = {
  en: {
    create: "Create video with Golpo AI",
    windows: [
      [1280, "light"],
      [1280, "dark"],
      [768, "dark"],
      [768, "light"],
      // 1280 at 200 %.
      [640, "light"],
      [360, "light"],
      [360, "dark"],
    ],
  },
  de: {
    locale: "de-DE",
    create: "Video mit Golpo AI erstellen",
    windows: [
      [1280, "light"],
      [360, "light"],
    ],
  },
  ar: {
    speaks: "ar-EG",
    create: "Create video with Golpo AI",
    windows: [
      [1280, "light"],
      [360, "dark"],
    ],
  },
};

requireBuiltApp("static/dist/index.html");
let browser;
let all;
before(async () => {
  all = await startAll();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

async function openCreate({ page, go }, reader, path = PAGE) {
  await go(path);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("button", { name: reader.create }).first().click();
  return inDialog(page);
}

/** What each state is and how to get there; gives the app's frame once the state is there. */
const STATES = {
  async text(person, reader) {
    const app = await openCreate(person, reader);
    await app.locator(".removals").waitFor();
    await app.locator(".attachments summary").click();
    await app.locator(".attachments li, .attachments p").first().waitFor();
    return app;
  },
  async look(person, reader) {
    const app = await openCreate(person, reader);
    await app.locator(".removals").waitFor();
    await app.locator(".steps button").click();
    await app.locator(".options").waitFor();
    return app;
  },
  async refusal(person, reader) {
    const app = await openCreate(person, reader, EMPTY_PAGE);
    await app.getByTestId("error").waitFor();
    return app;
  },
  async "byline-list"(person) {
    await person.go(PAGE);
    await person.page.locator("#byline-app").click();
    const app = inDialog(person.page);
    await app.getByTestId("video-row").first().waitFor();
    return app;
  },
  async library(person) {
    await person.go(LIBRARY);
    const app = inPage(person.page);
    await app.getByTestId("video-row").first().waitFor();
    return app;
  },
  async player(person, reader) {
    const app = await STATES.library(person, reader);
    await app.getByTestId("video-row").first().getByRole("button").first().click();
    await app.locator("video").waitFor();
    return app;
  },
  async macro(person) {
    await person.go(MACRO_PAGE);
    const app = person.page.frameLocator(".macro iframe");
    await app.getByTestId("empty").waitFor();
    return app;
  },
  async "macro-choice"(person) {
    await person.go(MACRO_PAGE);
    await person.page.locator("[data-configure]").first().click();
    const app = inDialog(person.page);
    await app.getByTestId("video-row").first().waitFor();
    return app;
  },
  async settings(person) {
    await person.go(SETTINGS);
    const app = inPage(person.page);
    await app.getByTestId("api-key-input").waitFor();
    return app;
  },
  async "settings-refused"(person) {
    await person.go(SETTINGS);
    const app = inPage(person.page);
    await app.getByTestId("error").waitFor();
    return app;
  },
};

/** The frame behind a locator of its content. */
async function frameOf(app) {
  const handle = await app.locator("body").elementHandle();
  return handle.ownerFrame();
}

/** Fails on what axe finds, and on what lies beyond the frame's edge. */
async function inspect(app, what) {
  const frame = await frameOf(app);
  await frame.evaluate(AXE);
  const found = await frame.evaluate(async (tags) => {
    // A frame is no page: its host has the landmarks, and of a macro the headings too.
    const rules = { region: { enabled: false }, "page-has-heading-one": { enabled: false } };
    const { violations } = await globalThis.axe.run(document, { runOnly: tags, rules });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target}: ${failureSummary}`),
    );
  }, TAGS);
  assert.deepEqual(found, [], what);
  const beyond = await frame.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll("body *")]
      .filter((it) => {
        const { left, right } = it.getBoundingClientRect();
        return right > clientWidth + 1 || left < -1;
      })
      .map((it) => `${it.tagName}.${it.className}`)
      .slice(0, 8);
  });
  assert.deepEqual(beyond, [], `${what}: beyond the edge`);
}

/** Looks at a state in each of a reader's windows. */
async function lookAt(app, person, name, language, windows) {
  for (const [width, shade] of windows) {
    await person.page.setViewportSize({ width, height: 900 });
    await person.page.emulateMedia({ colorScheme: shade });
    await person.shot(`look-${name}-${language}-${width}-${shade}`);
    await inspect(app, `${name} ${language} ${width} ${shade}`);
  }
}

test("the making of a video, and its failure to be found", { timeout: VIDEO_MS }, async () => {
  const person = await openPage(browser, { site: all.site, user: "user", calm: true });
  const app = await openCreate(person, READERS.en);
  await app.getByTestId("create-video").click();
  await app.getByRole("progressbar").waitFor();
  // Who asked for calm gets it: nothing moves for ever.
  const moving = await (await frameOf(app)).evaluate(() =>
    document
      .getAnimations()
      .filter((it) => it.playState === "running" && it.effect.getTiming().iterations === Infinity)
      .map((it) => it.effect.target.outerHTML.slice(0, 200)),
  );
  assert.deepEqual(moving, []);
  await inspect(app, "progress");
  await person.shot("look-progress-en-1280-light");
  await app.locator("video").waitFor({ timeout: VIDEO_MS });
  await lookAt(app, person, "made", "en", [
    [1280, "light"],
    [360, "dark"],
  ]);
  assert.deepEqual(person.faults, []);
  await person.close();
});

for (const [language, reader] of Object.entries(READERS)) {
  test(`every view (${language})`, { timeout: 3 * VIDEO_MS }, async (each) => {
    for (const [name, reach] of Object.entries(STATES)) {
      await each.test(name, async () => {
        const { locale, speaks } = reader;
        const user = name === "settings" ? "admin" : "user";
        const person = await openPage(browser, { site: all.site, user, locale, speaks });
        const app = await reach(person, reader);
        const html = app.locator("html");
        assert.equal(await html.getAttribute("lang"), language);
        assert.equal(await html.getAttribute("dir"), language === "ar" ? "rtl" : "ltr");
        if (name === "player") {
          const controls = app.locator(".controls");
          assert.equal(await controls.evaluate((it) => getComputedStyle(it).direction), "ltr");
        }
        await lookAt(app, person, name, language, reader.windows);
        const policy = person.faults.filter((it) => !it.startsWith("console: Failed to load"));
        assert.deepEqual(policy, []);
        await person.close();
      });
    }
  });
}

test("from the page to the playing video by keyboard alone", { timeout: VIDEO_MS }, async () => {
  const person = await openPage(browser, { site: all.site, user: "user" });
  const { page } = person;
  await person.go(PAGE);
  const tabTo = async (locator, what) => {
    for (let press = 0; press < 150; press += 1) {
      if (await locator.evaluate((it) => it === it.ownerDocument.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`Tab never reached ${what}`);
  };
  await tabTo(page.getByRole("button", { name: "More actions" }), "the menu");
  await page.keyboard.press("Enter");
  await tabTo(page.locator("#more-actions button").first(), "the action");
  await page.keyboard.press("Enter");
  const app = inDialog(page);
  await app.locator(".removals").waitFor();
  const last = app.locator(".tell input").last();
  await tabTo(last, "the last section's box");
  await page.keyboard.press("Space");
  assert.equal(await last.isChecked(), false);
  await tabTo(app.locator(".send button").first(), "look and sound");
  await page.keyboard.press("Enter");
  // The next step begins at its heading.
  await app.locator("#options-title:focus").waitFor();
  await tabTo(app.locator(".card input").first(), "the styles");
  await page.keyboard.press("ArrowRight");
  assert.equal(await app.locator(".card input").nth(1).isChecked(), true);
  await tabTo(app.getByTestId("create-video"), "the button");
  await page.keyboard.press("Enter");
  await app.locator("video").waitFor({ timeout: VIDEO_MS });
  assert.deepEqual(person.faults, []);
  await person.close();
});

test("axe finds what it must find", async () => {
  const person = await openPage(browser, { site: all.site, user: "user" });
  const app = await STATES.library(person);
  const frame = await frameOf(app);
  await frame.evaluate(() => {
    document.body.append(document.createElement("button"));
  });
  await assert.rejects(inspect(app, "planted"), /button-name/);
  await person.close();
});
