// What a view of the built Custom UI loads: its JavaScript with all that this imports, and the largest
// of the languages, as gzip sends it.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** The most that a view's JavaScript may weigh, in bytes of gzip. */
export const LIMITS = { Create: 250 * 1024, Macro: 90 * 1024 };
export const VIEWS = ["Create", "Byline", "Library", "Macro", "Settings"];
const LANGUAGES = ["ar", "de", "es", "fr", "ja"];

/** Bytes of gzip by view, and the files of each. */
export function bundleSizes(dist) {
  const assets = join(dist, "assets");
  const names = readdirSync(assets).filter((name) => name.endsWith(".js"));
  const code = new Map(names.map((name) => [name, readFileSync(join(assets, name), "utf8")]));
  const weights = new Map(
    names.map((name) => [name, gzipSync(code.get(name), { level: 9 }).length]),
  );
  const chunk = (start) => {
    const found = names.filter((name) => name.startsWith(`${start}-`));
    if (found.length !== 1) throw new Error(`${found.length} chunks are named ${start}`);
    return found[0];
  };
  const index = readFileSync(join(dist, "index.html"), "utf8");
  const entries = [...index.matchAll(/(?:src|href)="\.\/assets\/([^"]+\.js)"/g)].map(
    ([, it]) => it,
  );
  if (entries.length === 0) throw new Error("index.html names no script");
  const language = LANGUAGES.map(chunk).reduce((one, other) =>
    weights.get(one) > weights.get(other) ? one : other,
  );
  return Object.fromEntries(
    VIEWS.map((view) => {
      const files = new Set();
      const add = (name) => {
        if (files.has(name)) return;
        files.add(name);
        // Static imports alone: what a view asks for later is not in its way.
        for (const [, other] of code.get(name).matchAll(/(?:from|import)"\.\/([^"]+\.js)"/g))
          add(other);
      };
      for (const name of [...entries, language, chunk(view)]) add(name);
      const bytes = [...files].reduce((sum, name) => sum + weights.get(name), 0);
      return [view, { bytes, files: [...files] }];
    }),
  );
}
