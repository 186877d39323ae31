// Where a person stands beside the straight way: only part of a page, a page that is not theirs, a site
// that grants too little, a backend that goes away in the middle, a dialog left by keyboard.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startAll } from "../e2e/harness.mjs";
import { inDialog, openPage, startBrowser } from "./browser.mjs";

const PAGE = "/wiki/pages/65601";
const RESTRICTED = "/wiki/pages/65603";
const CREATE = "Create video with Golpo AI";
const MORE = "More actions";

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** Runs `steps` as a person and asserts that the browser had nothing to complain about but `expected`. */
async function as(all, options, steps, expected = []) {
  const person = await openPage(browser, { site: all.site, user: "user", ...options });
  await steps(person);
  assert.deepEqual(person.faults, expected);
  await person.close();
}

async function openCreate({ page, go }) {
  await go(PAGE);
  await page.getByRole("button", { name: MORE }).click();
  await page.getByRole("button", { name: CREATE }).first().click();
  return inDialog(page);
}

/** The text that would leave, as the fields hold it. */
async function scriptOf(app) {
  await app.getByLabel("Text of section 1", { exact: true }).waitFor();
  const fields = await app.locator(".script input, .script textarea").all();
  return (await Promise.all(fields.map((field) => field.inputValue()))).join("\n");
}

/** A failure as the person reads it: what happened, what to do, announced at once. */
async function failureIn(app, code) {
  const alert = app.locator(`[role="alert"][data-code="${code}"]`);
  await alert.waitFor();
  const sentences = await alert.locator("p").allTextContents();
  assert.ok(sentences.length >= 2, `a message and an action: ${sentences}`);
  for (const sentence of sentences) assert.match(sentence, /\w.*\.$/);
  return sentences.join(" ");
}

describe("beside the straight way", () => {
  let all;
  before(async () => {
    all = await startAll();
  });
  after(() => all?.stop());

  for (const dark of [false, true]) {
    const shade = dark ? "dark" : "light";

    test(`selected text is previewed alone (${shade})`, async () => {
      await as(all, { dark }, async ({ page, go, shot }) => {
        await go(PAGE);
        const paragraph = page.getByText("Speed comes from doing few things in a fixed order.");
        await paragraph.click({ clickCount: 3 });
        const toolbar = page.getByRole("toolbar", { name: "Selected text" });
        await toolbar.waitFor();
        await shot(`30-selection-${shade}`);
        await toolbar.getByRole("button").click();
        const script = await scriptOf(inDialog(page));
        assert.match(script, /Speed comes from doing few things in a fixed order\./);
        for (const elsewhere of ["What counts as an incident", "When a service misbehaves"]) {
          assert.ok(!script.includes(elsewhere), `${elsewhere} was not selected`);
        }
        await shot(`31-selection-preview-${shade}`);
      });
    });

    test(`a restricted page is not found for a plain user (${shade})`, async () => {
      const notFound = async ({ page, go, shot }) => {
        const answer = await go(RESTRICTED);
        assert.equal(answer.status(), 404);
        await page.getByRole("heading", { name: "We couldn't find" }).waitFor();
        assert.equal(await page.getByRole("button", { name: MORE }).count(), 0);
        assert.ok(!(await page.content()).includes("Salary"), "its title is not told either");
        await shot(`32-restricted-${shade}`);
      };
      // Chromium's own line about the page's status, and nothing else.
      await as(all, { dark }, notFound, [
        "console: Failed to load resource: the server responded with a status of 404 (Not Found)",
      ]);
    });
  }

  test("the tests notice what the policy refuses and what would leave this machine", async () => {
    const person = await openPage(browser, { site: all.site, user: "user" });
    const app = await openCreate(person);
    await scriptOf(app);
    const frame = app.locator("body");
    await frame.evaluate(() => fetch("http://127.0.0.1:9/").catch(() => undefined));
    await frame.evaluate(() => void new Image().setAttribute("src", "https://golpo.invalid/a.png"));
    await frame.evaluate(() => void setTimeout(() => Promise.reject(new Error("left alone"))));
    await person.page.waitForTimeout(200);
    const noticed = person.faults.join("\n");
    assert.match(noticed, /policy: connect-src .*127\.0\.0\.1:9/);
    assert.match(noticed, /policy: img-src .*golpo\.invalid/);
    assert.match(noticed, /console: .*violates/);
    assert.match(noticed, /uncaught: left alone/);
    await person.close();
  });

  test("an administrator reads the restricted page", async () => {
    await as(all, { user: "admin" }, async ({ page, go }) => {
      assert.equal((await go(RESTRICTED)).status(), 200);
      await page.getByRole("button", { name: MORE }).waitFor();
    });
  });

  test("an empty page is named with what to do", async () => {
    await as(all, {}, async ({ page, go, shot }) => {
      await go("/wiki/pages/65604");
      await page.getByRole("button", { name: MORE }).click();
      await page.getByRole("button", { name: CREATE }).first().click();
      await failureIn(inDialog(page), "page_empty");
      await shot("33-empty-page");
    });
  });

  test("Escape closes the dialog from inside the frame and gives the focus back", async () => {
    await as(all, {}, async ({ page, go }) => {
      await go(PAGE);
      const more = page.getByRole("button", { name: MORE });
      await more.focus();
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      const action = page.locator("#more-actions").getByRole("button", { name: CREATE });
      assert.ok(
        await action.evaluate((it) => it === document.activeElement),
        "Tab enters the menu",
      );
      await page.keyboard.press("Enter");
      const field = inDialog(page).getByLabel("Text of section 1", { exact: true });
      await field.focus();
      await page.keyboard.press("Escape");
      await page.locator("dialog").waitFor({ state: "detached" });
      assert.ok(await more.evaluate((it) => it === document.activeElement), "the focus is back");
    });
  });

  test("the menu closes on Escape and gives the focus back", async () => {
    await as(all, {}, async ({ page, go }) => {
      await go(PAGE);
      const more = page.getByRole("button", { name: MORE });
      await more.focus();
      await page.keyboard.press("Enter");
      const menu = page.locator("#more-actions");
      await menu.waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Escape");
      await menu.waitFor({ state: "hidden" });
      assert.ok(await more.evaluate((it) => it === document.activeElement));
    });
  });

  for (const dark of [false, true]) {
    const shade = dark ? "dark" : "light";

    test(`a page that changes meanwhile keeps the person's text (${shade})`, async () => {
      await as(all, { dark }, async (person) => {
        const { shot } = person;
        const app = await openCreate(person);
        await scriptOf(app);
        const mine = `Words of mine, ${shade}.`;
        const field = app.getByLabel("Text of section 2", { exact: true });
        const page = await field.inputValue();
        await field.fill(`${mine}\n\n${page}`);
        const last = app.locator(".section textarea").last();
        const before = await last.inputValue();
        await last.fill("My end.");
        // The page gets another first paragraph, and its last words change where the person's did.
        all.platform.site.publish("65601", (body) => {
          const text = (node) => node.text ?? (node.content ?? []).map(text).join("");
          const leaves = (node) => (node.text ? [node] : (node.content ?? []).flatMap(leaves));
          const end = leaves(body).findLast((leaf) => before.includes(leaf.text.trim()));
          end.text = `${end.text} Changed, ${shade}.`;
          body.content[0].content[0].text = `Anew, ${shade}. ${text(body.content[0])}`;
          return body;
        });
        await app.getByRole("button", { name: "Create video" }).click();
        await failureIn(app, "page_changed");
        assert.match(await field.inputValue(), new RegExp(mine));
        await shot(`36-page-changed-${shade}`);
        await app.getByRole("button", { name: "Load the new text, keep my edits" }).click();
        await app.getByText("The page's new text is loaded").waitFor();
        const script = await scriptOf(app);
        assert.ok(script.includes(mine) && script.includes("My end."), script);
        assert.ok(script.includes(`Anew, ${shade}.`), script);
        const conflict = app.getByTestId("conflict");
        assert.equal(await conflict.count(), 1);
        await conflict.getByText("What the page says now").click();
        assert.match(await conflict.textContent(), new RegExp(`Changed, ${shade}`));
        await conflict.scrollIntoViewIfNeeded();
        await shot(`37-conflict-${shade}`);
        assert.equal(await app.getByRole("alert").count(), 0);
      });
    });

    test(`length and code are read anew (${shade})`, async () => {
      await as(all, { dark }, async (person) => {
        const app = await openCreate(person);
        await scriptOf(app);
        const seconds = async () => {
          const [, minutes, rest] = /about (\d+):(\d\d)/.exec(
            await app.locator(".send").textContent(),
          );
          return Number(minutes) * 60 + Number(rest);
        };
        assert.ok((await seconds()) > 60);
        await app.getByRole("button", { name: "Look and sound" }).last().click();
        await app.getByText("As long as the text needs").click();
        await app.getByText("About 1 minute").click();
        await app.getByRole("button", { name: "Back to the text" }).click();
        await app.getByTestId("left-out").first().waitFor();
        assert.ok((await seconds()) <= 60);
        await app.getByRole("heading", { name: "Not told, or not fully" }).scrollIntoViewIfNeeded();
        await person.shot(`38-one-minute-${shade}`);
        await app.getByLabel("Keep code listings").check();
        await app.locator('.script[aria-busy="false"]').waitFor();
        assert.ok((await seconds()) <= 60);
      });
    });
  }

  // Last: it stops the backend that the tests above need.
  test("a backend that stops in the middle keeps the person's text", async () => {
    await as(all, {}, async (person) => {
      const app = await openCreate(person);
      await scriptOf(app);
      const field = app.getByLabel("Text of section 1", { exact: true });
      await field.fill("Words that nobody should have to type twice.");
      await all.stopBackend();
      await app.getByRole("button", { name: "Create video" }).click();
      await failureIn(app, "backend_unavailable");
      assert.equal(await field.inputValue(), "Words that nobody should have to type twice.");
      assert.ok(await app.getByRole("button", { name: "Create video" }).isEnabled());
      await person.shot("34-backend-stopped");
    });
  });
});

test("a browser that is missing is a failure", async () => {
  const before = process.env.GOLPO_CHROMIUM;
  process.env.GOLPO_CHROMIUM = "/nowhere/chromium";
  try {
    await assert.rejects(startBrowser(), /GOLPO_CHROMIUM names \/nowhere\/chromium/);
  } finally {
    if (before === undefined) delete process.env.GOLPO_CHROMIUM;
    else process.env.GOLPO_CHROMIUM = before;
  }
});

test("P3 a missing scope is named, and a page is not read without it", async () => {
  const all = await startAll({ withoutScope: "read:page:confluence" });
  try {
    for (const dark of [false, true]) {
      await as(all, { dark }, async (person) => {
        const app = await openCreate(person);
        const text = await failureIn(app, "scope_missing");
        assert.match(text, /read:page:confluence/);
        assert.equal(await app.locator("textarea").count(), 0);
        await person.shot(`35-scope-missing-${dark ? "dark" : "light"}`);
      });
    }
  } finally {
    await all.stop();
  }
});
