// Makes one video the way the Custom UI does, without a browser: the real @forge/bridge, its calls
// carried to the local host. Prints one JSON object a line, `{step, ms, percent?, detail?}`.

import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";

const HELP = `Makes one video of a page of a running local Confluence host.

Usage: node tests/host/once.mjs --site URL --out FILE [options]

  --site URL   the host's address
  --out FILE   where the MP4 goes; captions (.vtt) and poster (.png) go beside it
  --page ID    the page                     [65601]
  --user KEY   who does it, admin or user   [admin]
  -h, --help   this text
`;

const POLL_MS = 500;

const { values } = parseArgs({
  options: {
    site: { type: "string" },
    out: { type: "string" },
    page: { type: "string", default: "65601" },
    user: { type: "string", default: "admin" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help || !values.site || !values.out) {
  process.stdout.write(HELP);
  process.exit(values.help ? 0 : 1);
}

/** A refusal of the app, with what to do about it. */
class Refusal extends Error {
  constructor({ code, message, action }) {
    super(`${message} ${action} (${code})`);
  }
}

// @forge/bridge looks for this when it is loaded, hence the import below.
globalThis.__bridge = {
  async callBridge(command, call) {
    if (command !== "invoke") throw new Error(`no bridge command ${command} without a browser`);
    const { user, page } = values;
    const spot = { user, module: "golpo-content-action", content: page };
    const response = await fetch(new URL("/bridge/invoke", values.site), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...spot, functionKey: call.functionKey, payload: call.payload }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error.message);
    return answer.value;
  },
};
const { invoke } = await import("@forge/bridge");

async function ask(operation, payload) {
  const answer = await invoke(operation, payload);
  if (answer.error) throw new Refusal(answer.error);
  return answer.ok;
}

function report(step, since, more = {}) {
  const ms = Math.round(performance.now() - since);
  process.stdout.write(`${JSON.stringify({ step, ms, ...more })}\n`);
}

async function download(url, file) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  writeFileSync(file, bytes);
  return bytes.length;
}

async function finished(videoId) {
  const started = performance.now();
  let last = "";
  for (;;) {
    const { video, media } = await ask("videoStatus", { videoId });
    const now = `${video.stage} ${video.percent}`;
    if (now !== last) report("video", started, { percent: video.percent, detail: video.stage });
    last = now;
    if (video.state === "done") return { video, media };
    if (video.state === "failed") throw new Refusal(video.failure);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function once() {
  let since = performance.now();
  const { site } = await ask("context");
  report("context", since, { detail: `engine ${site.engine.name}` });

  since = performance.now();
  const preview = await ask("preview", { pageId: values.page });
  const { pageId, pageVersion, script, fingerprint, removals, words } = preview;
  const removed = removals.reduce((sum, removal) => sum + removal.count, 0);
  report("preview", since, { detail: `${words} words, ${removed} identities removed` });

  since = performance.now();
  const source = { pageId, pageVersion, sourceFingerprint: fingerprint, script };
  const video = await ask("createVideo", { ...source, requestId: randomUUID() });
  report("createVideo", since, { detail: video.id });

  const done = await finished(video.id);

  since = performance.now();
  const stem = values.out.replace(/\.mp4$/i, "");
  const size = await download(done.media.videoUrl, values.out);
  await download(done.media.captionsUrl, `${stem}.vtt`);
  await download(done.media.posterUrl, `${stem}.png`);
  const seconds = (done.video.durationMs / 1000).toFixed(1);
  report("download", since, { detail: `${size} bytes, ${seconds} s of video` });
}

try {
  await once();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
