// Makes the folder that Forge ships: the shim, the @forge packages and wasm-bindgen's glue in one
// dist/golpo.cjs beside dist/golpo_bg.wasm and dist/attachments_bg.wasm.br. `cargo xtask build` has put
// glue (`--target nodejs`) and wasm of both into dist/ before. The glue is CommonJS and finds its wasm
// by `__dirname`, which in the bundle is dist/ as well. It is removed once it is in the bundle: Forge
// ships the whole folder, and `golpo.js` beside `golpo.cjs` would leave open which of the two a
// handler `golpo.NAME` means.
//
// The module for attachments is packed: it is loaded by few instances, once, where some milliseconds
// of unpacking are less than what else happens then.
//
// With `--dev` the bundle stays readable and has a source map inside.

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
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

/** Lets a module's glue read its wasm packed by Brotli. */
const packed = {
  name: "packed wasm",
  setup({ onLoad }) {
    onLoad({ filter: /dist\/attachments\.js$/ }, ({ path }) => {
      const glue = readFileSync(path, "utf8");
      const contents = glue.replace(
        "require('fs').readFileSync(wasmPath)",
        "require('zlib').brotliDecompressSync(require('fs').readFileSync(wasmPath + '.br'))",
      );
      if (contents === glue) throw new Error("wasm-bindgen's glue reads its wasm in another way");
      return { contents };
    });
  },
};
const wasm = `${folder}dist/attachments_bg.wasm`;
const quality = dev ? constants.BROTLI_MIN_QUALITY : constants.BROTLI_MAX_QUALITY;
const params = { [constants.BROTLI_PARAM_QUALITY]: quality };
writeFileSync(`${wasm}.br`, brotliCompressSync(readFileSync(wasm), { params }));

await build({
  absWorkingDir: folder,
  entryPoints: ["index.mjs"],
  outfile: "dist/golpo.cjs",
  ...bundleOptions,
  minify: !dev,
  keepNames: dev,
  sourcemap: dev && "inline",
  plugins: [packed],
});

const modules = ["golpo_bg.wasm", "attachments_bg.wasm.br"];
const shipped = new Set(["golpo.cjs", "golpo.cjs.LEGAL.txt", ...modules]);
for (const file of readdirSync(`${folder}dist`)) {
  if (!shipped.has(file)) rmSync(`${folder}dist/${file}`, { recursive: true });
}
