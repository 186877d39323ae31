// Times the npm peers and ours in wasm on every document, in the form that the native half prints:
//   node speed.mjs DOCUMENTS PACKAGES CONTENT APP ROUNDS
// DOCUMENTS holds the bodies, PACKAGES the installed peers, CONTENT and APP are the JavaScript of the
// wasm that is `content` alone and of the app's. Each gets the body's text. A peer gives Markdown; for
// ADF its time includes JSON.parse, which it needs. `content` gives script and removals as JSON text.
// The app has more to do: its way in is `resolve`, so the body comes wrapped in the REST API's answer
// (for ADF one JSON inside another, for storage format after a first answer without a body), and the
// preview that leaves as JSON text holds more than the script. All of that is in its time.
//
// Time is the processor's, so that other programs on the machine do not count. It is that of all
// threads of Node, and so holds what the garbage collector and the compiler do beside the main one.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, parse, resolve } from "node:path";
import { pageHost, previewText } from "../../e2e/page-host.mjs";

const [documents, packages, contentGlue, appGlue, rounds] = process.argv.slice(2);
const peer = createRequire(join(resolve(packages), "package.json"));
const require = createRequire(import.meta.url);
const content = require(resolve(contentGlue));
const app = require(resolve(appGlue));

const TITLE = "A page of the bench";
/** The app's names of the formats. */
const REPRESENTATIONS = { adf: "atlas_doc_format", storage: "storage" };

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

/** Milliseconds of processor time so far. */
function spent() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const textOf = ({ sections }) => sections.map(({ heading, text }) => heading + text).join("");

/** `content` alone on a page, and the text of the script that it gives. */
function alone(format, text) {
  const run = () => content.convert(format, TITLE, text);
  return { run, told: () => textOf(JSON.parse(run()).script) };
}

/** The app on a page, and the text of the script in its preview. */
function preview(format, text) {
  const host = pageHost(TITLE, REPRESENTATIONS[format], text);
  const run = async () => {
    const answer = await previewText(app, host);
    if (!answer.startsWith('{"ok"')) throw new Error(answer.slice(0, 200));
    return answer;
  };
  return { run, told: async () => textOf(JSON.parse(await run()).ok.script) };
}

/** Batches as long as BATCH_MS, after a warm-up. */
async function entry(name, run, told) {
  const first = spent();
  const output = Buffer.byteLength((await told()) ?? "");
  if (output === 0) throw new Error("it gave nothing");
  const slow = spent() - first > SLOW_MS;
  const started = spent();
  let runs = 0;
  while (!slow && (spent() - started < WARM_UP_MS || runs < 2)) {
    await run();
    runs += 1;
  }
  const batch = slow ? 1 : Math.max(1, Math.ceil((BATCH_MS * runs) / (spent() - started)));
  return { name, run, output, batch, rounds: slow ? SLOW_ROUNDS : Number(rounds), speeds: [] };
}

async function time(file) {
  const { name: document } = parse(file);
  const text = readFileSync(join(documents, file), "utf8");
  const bytes = Buffer.byteLength(text);
  const [format] = document.split("-");
  const contenders = {
    "ours (wasm)": alone(format, text),
    "ours (preview)": preview(format, text),
  };
  for (const [name, convert] of Object.entries(PEERS[format])) {
    const run = () => convert(text);
    contenders[name] = { run, told: run };
  }
  const entries = [];
  const results = [];
  for (const [contender, { run, told }] of Object.entries(contenders)) {
    try {
      entries.push(await entry(contender, run, told));
    } catch (error) {
      results.push({ document, contender, failed: String(error?.message ?? error) });
    }
  }
  for (let round = 0; round < Number(rounds); round += 1) {
    for (const { run, batch, speeds } of entries.filter((it) => round < it.rounds)) {
      const started = spent();
      for (let runs = 0; runs < batch; runs += 1) await run();
      const seconds = (spent() - started) / 1000;
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
