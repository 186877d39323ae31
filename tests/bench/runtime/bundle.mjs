// Bundles the peer as the app's shim is bundled:  node bundle.mjs PACKAGES OUT
// PACKAGES is where the peer's packages are installed, OUT the folder that Forge would get.

import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleOptions } from "../../../src-js-shim/bundle.mjs";

const [packages, out] = process.argv.slice(2).map((path) => resolve(path));
await build({
  ...bundleOptions,
  entryPoints: [fileURLToPath(new URL("plain.mjs", import.meta.url))],
  nodePaths: [join(packages, "node_modules")],
  outfile: join(out, "plain.cjs"),
});
