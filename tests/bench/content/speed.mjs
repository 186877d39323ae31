// Times the npm peers and the app's wasm on every document, in the form that the native half prints:
//   node speed.mjs DOCUMENTS PACKAGES GLUE ROUNDS
// DOCUMENTS holds the bodies, PACKAGES the installed peers, GLUE is the wasm's JavaScript. A peer gets
// the body's text and gives Markdown; for ADF its time includes JSON.parse, which it needs. The wasm
// gets more to do: its way in is `resolve`, so the body comes wrapped in the REST API's answer (for
// ADF one JSON inside another, for storage format after a first answer without a body), and its
// preview leaves as JSON text. All of that is in its time.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, parse, resolve } from "node:path";
import { pageHost, previewText } from "../../e2e/page-host.mjs";

const [documents, packages, glue, rounds] = process.argv.slice(2);
const peer = createRequire(join(resolve(packages), "package.json"));
const wasm = createRequire(import.meta.url)(resolve(glue));

const WARM_UP_MS = 300;
const BATCH_MS = 20;
/** What takes longer than SLOW_MS is run in SLOW_ROUNDS alone: it is far from any other. */
const SLOW_MS = 1000;
const SLOW_ROUNDS = 2;

// adf-to-md says a line for each node that it does not know; writing those would be most of its time.
for (const level of ["log", "info", "warn", "error"]) console[level] = () => {};

const { convertADFToMarkdown } = peer("adf-to-markdown");
const adfToMd = peer("adf-to-md");
const { NodeHtmlMarkdown } = peer("node-html-markdown");
const Turndown = peer("turndown");
const nodeHtmlMarkdown = new NodeHtmlMarkdown();
const turndown = new Turndown();

const PEERS = {
  adf: {
    "adf-to-markdown": (text) => convertADFToMarkdown(JSON.parse(text)),
    "adf-to-md": (text) => adfToMd.convert(JSON.parse(text)).result,
  },
  storage: {
    "node-html-markdown": (text) => nodeHtmlMarkdown.translate(text),
    turndown: (text) => turndown.turndown(text),
  },
};

/** Runs the wasm on a page; gives its script's text. */
function ours(format, text) {
  const host = pageHost("A page of the bench", format, text);
  const run = async () => {
    const answer = await previewText(wasm, host);
    if (!answer.startsWith('{"ok"')) throw new Error(answer.slice(0, 200));
    return answer;
  };
  const told = async () => {
    const { script } = JSON.parse(await run()).ok;
    return script.sections.map(({ heading, text }) => heading + text).join("");
  };
  return { run, told };
}

/** Batches as long as BATCH_MS, after a warm-up. */
async function entry(name, run, told) {
  const first = performance.now();
  const output = Buffer.byteLength((await told()) ?? "");
  if (output === 0) throw new Error("it gave nothing");
  const slow = performance.now() - first > SLOW_MS;
  const started = performance.now();
  let runs = 0;
  while (!slow && (performance.now() - started < WARM_UP_MS || runs < 2)) {
    await run();
    runs += 1;
  }
  const batch = slow
    ? 1
    : Math.max(1, Math.ceil((BATCH_MS * runs) / (performance.now() - started)));
  return { name, run, output, batch, rounds: slow ? SLOW_ROUNDS : Number(rounds), speeds: [] };
}

async function time(file) {
  const { name: document } = parse(file);
  const text = readFileSync(join(documents, file), "utf8");
  const bytes = Buffer.byteLength(text);
  const [format] = document.split("-");
  const wrapped = ours(format === "adf" ? "atlas_doc_format" : "storage", text);
  const contenders = [["ours (wasm)", wrapped.run, wrapped.told]];
  for (const [name, convert] of Object.entries(PEERS[format])) {
    const run = () => convert(text);
    contenders.push([name, run, run]);
  }
  const entries = [];
  const results = [];
  for (const [contender, run, told] of contenders) {
    try {
      entries.push(await entry(contender, run, told));
    } catch (error) {
      results.push({ document, contender, failed: String(error?.message ?? error) });
    }
  }
  for (let round = 0; round < Number(rounds); round += 1) {
    for (const { run, batch, speeds } of entries.filter((it) => round < it.rounds)) {
      const started = performance.now();
      for (let runs = 0; runs < batch; runs += 1) await run();
      const seconds = (performance.now() - started) / 1000;
      speeds.push((bytes * batch) / seconds / 1e6);
    }
  }
  for (const { name, output, speeds } of entries) {
    results.push({ document, contender: name, bytes, output, megabytes_per_second: speeds });
  }
  return results;
}

const results = [];
for (const file of readdirSync(documents).sort()) results.push(...(await time(file)));
process.stdout.write(`${JSON.stringify(results)}\n`);
