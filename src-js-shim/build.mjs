// Makes the folder that Forge ships: the shim, the @forge packages and wasm-bindgen's glue in one
// dist/golpo.cjs beside dist/golpo_bg.wasm and dist/attachments_bg.wasm. `cargo xtask build` has put
// glue (`--target nodejs`) and wasm of both into dist/ before. The glue is CommonJS and finds its wasm
// by `__dirname`, which in the bundle is dist/ as well. It is removed once it is in the bundle: Forge
// ships the whole folder, and `golpo.js` beside `golpo.cjs` would leave open which of the two a
// handler `golpo.NAME` means.
//
// With `--dev` the bundle stays readable and has a source map inside.

import { existsSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleOptions } from "./bundle.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url));
const names = ["golpo", "attachments"];
const dev = process.argv.includes("--dev");
for (const file of names.flatMap((name) => [`dist/${name}.js`, `dist/${name}_bg.wasm`])) {
  if (!existsSync(`${folder}${file}`)) {
    process.stderr.write(`src-js-shim/${file} is missing: run \`cargo xtask build\`.\n`);
    process.exit(1);
  }
}

await build({
  absWorkingDir: folder,
  entryPoints: ["index.mjs"],
  outfile: "dist/golpo.cjs",
  ...bundleOptions,
  minify: !dev,
  keepNames: dev,
  sourcemap: dev && "inline",
});

const wasm = names.map((name) => `${name}_bg.wasm`);
const shipped = new Set(["golpo.cjs", "golpo.cjs.LEGAL.txt", ...wasm]);
for (const file of readdirSync(`${folder}dist`)) {
  if (!shipped.has(file)) rmSync(`${folder}dist/${file}`, { recursive: true });
}
