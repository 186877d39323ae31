// Attachments chosen by a person in a real browser, by keyboard: what is listed, what cannot be
// chosen, what is told then, and that what was written before stays.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startAll } from "../e2e/harness.mjs";
import { inDialog, openPage, startBrowser } from "./browser.mjs";

let browser;
let all;
before(async () => {
  browser = await startBrowser();
  all = await startAll();
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

test("attachments are chosen by keyboard, told without people, and edits stay", async () => {
  for (const dark of [false, true]) {
    const person = await openPage(browser, { site: all.site, user: "user", dark });
    try {
      await choose(person, dark ? "-dark" : "");
    } finally {
      await person.close();
    }
  }
});

async function choose({ page, go, shot, faults }, suffix) {
  await go("/wiki/pages/65610");
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("button", { name: "Create video with Golpo AI" }).first().click();
  const app = inDialog(page);
  const first = app.getByLabel("Heading of section 1", { exact: true });
  await first.fill("My own heading");

  await app.getByTestId("attachments-open").focus();
  await page.keyboard.press("Enter");
  const group = app.getByRole("group", { name: "Attachments to tell behind the page" });
  await group.waitFor();
  const boxes = group.getByRole("checkbox");
  assert.equal(await boxes.count(), 7);
  const disabled = await boxes.evaluateAll((all) => all.map((box) => box.disabled));
  assert.deepEqual(disabled, [false, false, false, false, false, true, true]);
  await group.getByText("larger than 5 MB").waitFor();
  await group.getByText("text of this type cannot be read").waitFor();

  // From the list's own heading on, by Tab and the space bar alone.
  await page.keyboard.press("Tab");
  for (const presses of [3, 1]) {
    for (let index = 0; index < presses; index++) await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await app.locator('[aria-busy="true"]').waitFor({ state: "detached" });
  }
  assert.equal(await group.getByRole("checkbox", { checked: true }).count(), 2);
  const focused = await group.locator(":focus").count();
  assert.equal(focused, 1, "reading the text again takes the focus from nobody");

  const text = async () =>
    (
      await app
        .locator(".script textarea, .script input")
        .all()
        .then((fields) => Promise.all(fields.map((field) => field.inputValue())))
    ).join("\n");
  const told = await text();
  for (const words of ["My own heading", "lifts booked early", "two stairs and one lift"]) {
    assert.ok(told.includes(words), `${words}:\n${told}`);
  }
  for (const name of ["Beispiel", "Verborgen", "before November"]) {
    assert.ok(!told.includes(name), `${name}:\n${told}`);
  }
  await group.scrollIntoViewIfNeeded();
  await shot(`40-attachments${suffix}`);

  // Taken back, it is told no more.
  await page.keyboard.press("Space");
  await app.locator('[aria-busy="true"]').waitFor({ state: "detached" });
  assert.ok(!(await text()).includes("two stairs"), await text());
  assert.deepEqual(faults, []);
}
