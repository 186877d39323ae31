// Prints one line of JSON: the seconds that Remotion takes to render slides.json into an MP4 of
// 1280×720 at 25 frames a second, without sound and without the time of its bundler.
// node render.mjs SLIDES.json NPM_FOLDER CHROMIUM OUT.mp4 [FRAMES]

import { copyFileSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [slides, folder, browserExecutable, outputLocation, frames] = process.argv.slice(2);
const require = createRequire(join(resolve(folder), "package.json"));
const { bundle } = require("@remotion/bundler");
const { renderMedia, selectComposition } = require("@remotion/renderer");

// Where its packages are found by the bundler.
const entryPoint = join(resolve(folder), "slides.jsx");
copyFileSync(join(dirname(fileURLToPath(import.meta.url)), "slides.jsx"), entryPoint);
const serveUrl = await bundle({ entryPoint });
const inputProps = JSON.parse(readFileSync(slides, "utf8"));
const common = {
  serveUrl,
  inputProps,
  browserExecutable,
  chromeMode: "chrome-for-testing",
  logLevel: "error",
};
const composition = await selectComposition({ ...common, id: "slides" });
const started = performance.now();
await renderMedia({
  ...common,
  composition,
  codec: "h264",
  muted: true,
  concurrency: 2,
  outputLocation,
  overwrite: true,
  ...(frames ? { frameRange: [0, Number(frames) - 1] } : {}),
});
const took = (performance.now() - started) / 1e3;
const count = frames ? Number(frames) : composition.durationInFrames;
const printed = JSON.stringify({ took, frames: count, seconds: count / composition.fps });
// Its server and browser may linger.
process.stdout.write(`${printed}\n`, () => process.exit(0));
