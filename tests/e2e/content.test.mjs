// One page gives one script: what the native program says of a body (content's example `preview`,
// which reviewers run) is what the app's wasm says of it inside Forge's Node.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { pageAnswer, pageHost, previewText } from "./page-host.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CORPUS = process.env.GOLPO_CORPUS || join(ROOT, "../shared/corpus");
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

function built(variable) {
  const file = process.env[variable];
  if (!file || !existsSync(file)) {
    throw new Error(`${variable} must name a built file: run the tests by \`cargo xtask test\`.`);
  }
  return file;
}

const PREVIEW = built("GOLPO_PREVIEW_BIN");
const wasm = createRequire(import.meta.url)(built("GOLPO_WASM_GLUE"));

/** The bodies of a folder, where other files may lie as well. */
function bodies(folder) {
  const files = readdirSync(folder).filter((name) => /\.(adf\.json|storage\.xml)$/.test(name));
  return files.sort().map((name) => body(name, readFileSync(join(folder, name), "utf8")));
}

/** The same of a folder where every JSON file is a body. */
function corpus(kind) {
  const folder = join(CORPUS, kind);
  const files = readdirSync(folder).sort();
  return files.map((name) => body(name, readFileSync(join(folder, name), "utf8")));
}

function body(name, value) {
  const format = name.endsWith(".json") ? "atlas_doc_format" : "storage";
  return { name, format, title: `About ${basename(name)} by ann.example@example.com`, value };
}

/** What the native program says of each body. */
async function natively(pages) {
  const folder = mkdtempSync(join(tmpdir(), "golpo-content-"));
  try {
    const files = pages.map(({ title, format, value }, index) => {
      const file = join(folder, `${index}.json`);
      writeFileSync(file, pageAnswer(title, format, value));
      return file;
    });
    const output = await new Promise((resolve, reject) => {
      const options = { maxBuffer: MAX_OUTPUT_BYTES };
      execFile(PREVIEW, files, options, (error, stdout, stderr) => {
        // 1 says that a file could not be read; its line says which and why.
        if (error && error.code !== 1) reject(new Error(`${error.message}\n${stderr}`));
        else resolve(stdout);
      });
    });
    const lines = output.trimEnd().split("\n");
    assert.equal(lines.length, pages.length);
    return lines.map((line) => {
      const { file, error, ...said } = JSON.parse(line);
      return said;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the wasm says of a body, in the native program's words. */
async function inWasm({ title, format, value }) {
  const answer = JSON.parse(await previewText(wasm, pageHost(title, format, value)));
  if (answer.error) return { code: answer.error.code };
  const { script, words, removals, warnings } = answer.ok;
  const counts = new Map();
  for (const { kind, count } of removals) counts.set(kind, (counts.get(kind) ?? 0) + count);
  const blocks = script.sections.flatMap(({ heading, text }) => [heading && `## ${heading}`, text]);
  return {
    title: script.title,
    script: blocks.filter((block) => block).join("\n\n"),
    words,
    removals: counts,
    warnings: warnings.map(({ kind, name, count }) => ({ kind, name, count })),
  };
}

/** The native program's answer in a form to compare; it can show a page that has nothing to tell. */
function comparable({ minutes, ...said }) {
  if (said.warnings?.some(({ kind }) => kind === "nothingToTell")) return { code: "page_empty" };
  if (said.code) return { code: said.code };
  return { ...said, removals: new Map(said.removals.map(({ kind, count }) => [kind, count])) };
}

/** Compares all; gives how many scripts there were. */
async function compare(pages) {
  let scripts = 0;
  const native = await natively(pages);
  for (const [index, page] of pages.entries()) {
    const there = comparable(native[index]);
    assert.deepEqual(await inWasm(page), there, page.name);
    if (there.script) scripts += 1;
  }
  return scripts;
}

test("P9: a page of our own gives one script natively and in wasm", async () => {
  const pages = ["crates/content/tests/pages", "tests/site", "tests/bench/content/pages"];
  const scripts = await compare(pages.flatMap((folder) => bodies(join(ROOT, folder))));
  assert.ok(scripts >= 8, `${scripts} scripts`);
});

for (const kind of ["adf", "storage"]) {
  const skip = !existsSync(join(CORPUS, kind)) && `no corpus at ${CORPUS} (set GOLPO_CORPUS)`;
  test(`P9: each ${kind} body of the corpus gives one script in both`, { skip }, async () => {
    assert.ok((await compare(corpus(kind))) > 0);
  });
}

test("hostile bodies end alike in both", async () => {
  const deep = (open, close) => `${open.repeat(20_000)}x${close.repeat(20_000)}`;
  const adf = (content) => `{"type":"doc","version":1,"content":[${content}]}`;
  const paragraph = (text) => `{"type":"paragraph","content":[{"type":"text","text":"${text}"}]}`;
  const pages = [
    body("deep.xml", deep("<div>", "</div>")),
    body("deep.json", adf(`${'{"type":"panel","content":['.repeat(5_000)}${"]}".repeat(5_000)}`)),
    body("nul.xml", "<p>a\u0000b \ufffe &#0; &#xD800; &nosuch;</p>"),
    body("surrogate.json", adf(paragraph("a \\ud83d b \\u0000 \\ud83d\\udea2"))),
    body("long.json", adf(Array(9_000).fill(paragraph("a row of words that is long")).join())),
    body("open.xml", "<p>a <b>b <![CDATA[ c <ac:structured-macro ac:name="),
    body("none.json", "{"),
    body("other.json", "[]"),
  ];
  assert.ok((await compare(pages)) >= 4);
});
