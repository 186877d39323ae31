// A view loads what it shows and little else: a macro stands in pages that people only read.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { bundleSizes, LIMITS } from "./bundle.mjs";
import { requireBuiltApp } from "./harness.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

for (const [view, limit] of Object.entries(LIMITS)) {
  test(`${view} loads at most ${limit / 1024} KB of JavaScript`, () => {
    requireBuiltApp("static/dist/index.html");
    const { bytes, files } = bundleSizes(join(ROOT, "static/dist"))[view];
    // React alone is more than this: a sum below it counted nothing.
    assert.ok(bytes > 40 * 1024, `${bytes} bytes in ${files.join(", ")}`);
    assert.ok(bytes <= limit, `${bytes} bytes in ${files.join(", ")}`);
  });
}

test("the macro's player comes without what lists and forms need", () => {
  const { Macro, Create } = bundleSizes(join(ROOT, "static/dist"));
  for (const name of ["VideoList", "Create", "Settings", "Picker"]) {
    assert.ok(!Macro.files.some((file) => file.startsWith(`${name}-`)), name);
  }
  assert.ok(Create.files.some((file) => file.startsWith("Create-")));
});
