// Attachments through the real shim and both wasm modules: listed with the user's rights, read where
// they were chosen, told without people, refused with a code.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { deflateSync } from "node:zlib";
import { APP, startAll } from "./harness.mjs";

const PAGE = "65610";
const ALL = ["att70001", "att70002", "att70003", "att70004", "att70005"];

/** Starts the host alone: previews need no backend. */
const start = (options) => startAll({ backendDown: true, ...options });

const preview = (all, attachmentIds, where = {}) =>
  all.ask("preview", { pageId: PAGE, attachmentIds }, { page: PAGE, ...where });

const told = ({ ok, error }) => {
  assert.ok(ok, JSON.stringify(error));
  const sections = ok.script.sections.map(({ heading, text }) => `${heading}\n${text}`);
  return [ok.script.title, ...sections].join("\n");
};

describe("attachments", () => {
  let all;
  before(async () => {
    all = await start();
  });
  after(() => all?.stop());

  test("are listed with kind, size and what stands against choosing them", async () => {
    const { ok } = await all.ask("listAttachments", { pageId: PAGE }, { page: PAGE });
    assert.deepEqual(
      ok.attachments.map(({ name, kind, problem }) => [name, kind, problem]),
      [
        ["packing.txt", "txt", null],
        ["rooms.md", "markdown", null],
        ["desks.csv", "csv", null],
        ["Schedule by Tomas Beispiel.docx", "docx", null],
        ["floor-plan.pdf", "pdf", null],
        ["wing.png", null, "unsupported"],
        ["lift-log.txt", "txt", "tooLarge"],
      ],
    );
    assert.equal(ok.attachments.at(-1).bytes, 6_000_000);
    assert.deepEqual([ok.maxBytes, ok.maxChosen, ok.more], [5 * 1024 * 1024, 10, false]);
  });

  test("of each kind are told behind the page, in the order in which they were chosen", async () => {
    const text = told(await preview(all, ALL));
    const expected = [
      "All teams move in the second week of October",
      "Label each box with your room",
      "The quiet room is 2.14",
      "by the window",
      "the lifts booked early",
      "design and research",
      "has two stairs and one lift",
      "measured each room twice",
    ];
    const places = expected.map((words) => {
      assert.ok(text.includes(words), `${words}:\n${text}`);
      return text.indexOf(words);
    });
    assert.deepEqual(
      places,
      places.toSorted((one, other) => one - other),
    );
    const turned = told(await preview(all, ["att70005", "att70001"]));
    assert.ok(turned.indexOf("two stairs") < turned.indexOf("Label each box"), turned);
  });

  test("P9 are told without people, and what was struck out is not told", async () => {
    const answer = await preview(all, ALL);
    const text = told(answer);
    // The page, a file's link, a file's name, its properties and a tracked change name them.
    for (const name of ["Tomas", "Beispiel", "Musterova", "Ines", "Verborgen", "557058:"]) {
      assert.ok(!text.includes(name), `${name}:\n${text}`);
    }
    assert.ok(!text.includes("before November"), text);
    assert.match(text, /Schedule by a colleague/);
    assert.ok(answer.ok.removals.length >= 5, JSON.stringify(answer.ok.removals));
  });

  test("are refused with a code and a place among those chosen", async () => {
    for (const [ids, code] of [
      [["att70006"], "attachment_unsupported"],
      [["att70001", "att70007"], "attachment_too_large"],
      [["att99999"], "attachment_not_found"],
    ]) {
      const { error } = await preview(all, ids);
      assert.equal(error.code, code);
      assert.match(error.message, new RegExp(`number ${ids.length} of those chosen`));
    }
    assert.ok(!all.logs.join("\n").includes("lift-log"), all.logs.join("\n"));
  });

  test("of a page that the user may not read are neither listed nor read", async () => {
    const page = all.platform.site.visible(PAGE, { key: "user" });
    page.readers = ["admin"];
    try {
      const where = { page: PAGE };
      const list = await all.ask("listAttachments", { pageId: PAGE }, where);
      assert.equal(list.error.code, "page_not_found");
      assert.equal((await preview(all, ALL)).error.code, "page_not_found");
      // By way of a page that they may read.
      const other = { pageId: "65601", attachmentIds: ["att70001"] };
      assert.equal((await all.ask("preview", other)).error.code, "attachment_not_found");
      told(await preview(all, ["att70001"], { user: "admin" }));
    } finally {
      delete page.readers;
    }
  });

  test("that are hostile are refused", async () => {
    await withBytes(all, Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(4e6, "[ << /A ")]));
    assert.match(told(await preview(all, ["att70005"])), /two stairs/);
  });

  test("that bring their module down are refused, and the next one is read anew", async () => {
    // Labelled as a picture, so that it is not measured before, this table of cross references is
    // unpacked by the reader itself, to more than the module's memory.
    const packed = deflateSync(Buffer.alloc(300 * 1024 * 1024));
    const start = "%PDF-1.7\n";
    const dictionary = `1 0 obj\n<< /Type /XRef /Also /Image /Size 9 /W [1 4 1] /Root 2 0 R /Filter /FlateDecode /Length ${packed.length} >>\nstream\n`;
    const end = `\nendstream\nendobj\nstartxref\n${start.length}\n%%EOF\n`;
    const parts = [Buffer.from(start + dictionary), packed, Buffer.from(end)];
    await withBytes(all, Buffer.concat(parts));
    assert.match(told(await preview(all, ["att70005"])), /two stairs/);
  });
});

/** Asks for a preview while the PDF has other bytes; it must be refused as unreadable. */
async function withBytes(all, bytes) {
  const page = all.platform.site.visible(PAGE, { key: "user" });
  const file = page.attachments.find((it) => it.id === "att70005");
  const { bytes: own } = file;
  file.bytes = bytes;
  try {
    const { error } = await preview(all, ["att70005"]);
    assert.equal(error?.code, "attachment_unreadable");
  } finally {
    file.bytes = own;
  }
}

test("P9 a video is made of page and attachments, its text cleaned by the names of both", async () => {
  const all = await startAll();
  try {
    const { pageVersion, script } = (await preview(all, ["att70002"])).ok;
    // Noor Musterova is named by the file alone.
    const edited = { ...script, title: "Noor Musterova decides, then Tomas Beispiel" };
    const request = { pageId: PAGE, pageVersion, script: edited, attachmentIds: ["att70002"] };
    const wish = { ...request, requestId: randomUUID() };
    const { ok, error } = await all.ask("createVideo", wish, { page: PAGE });
    assert.ok(ok, JSON.stringify(error));
    assert.equal(ok.title, "A colleague decides, then a colleague");
  } finally {
    await all.stop();
  }
});

test("P3 without the scope no attachment is listed, and the rest works", async () => {
  const all = await start({ withoutScope: "read:attachment:confluence" });
  try {
    const { error } = await all.ask("listAttachments", { pageId: PAGE }, { page: PAGE });
    assert.equal(error.code, "scope_missing");
    assert.match(error.message, /read:attachment:confluence/);
    assert.match(told(await preview(all, undefined)), /second week of October/);
  } finally {
    await all.stop();
  }
});

test("the module that reads attachments is one of its own, and the folder is under 1 MB", () => {
  const sizes = new Map(readdirSync(APP).map((name) => [name, statSync(join(APP, name)).size]));
  const modules = [...sizes.keys()].filter((name) => name.includes(".wasm"));
  assert.deepEqual(modules.sort(), ["attachments_bg.wasm.br", "golpo_bg.wasm"]);
  const whole = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  assert.ok(whole < 1_000_000, `${whole} bytes`);
});
