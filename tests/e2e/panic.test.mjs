// A panic of the app's Rust, in wasm: what reaches Forge's log is its place, and not what it says.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

const require = createRequire(import.meta.url);

function built(variable) {
  const file = process.env[variable];
  if (!file || !existsSync(file)) {
    throw new Error(
      `${variable} must name built JavaScript: run the tests by \`cargo xtask test\`.`,
    );
  }
  return file;
}

test("P14 a panic is logged with its place in the source and without its words", (t) => {
  const lines = [];
  t.mock.method(console, "error", (...parts) => lines.push(parts.join(" ")));
  const golpo = require(built("GOLPO_DEV_GLUE"));
  assert.throws(() => golpo.panicWith("the heron plan of Mira Vale"), /unreachable/);
  assert.equal(lines.length, 1);
  assert.match(lines[0], /^panicked at crates\/app-wasm\/src\/lib\.rs:\d+:\d+$/);
});

test("what is deployed cannot be told to panic", () => {
  assert.doesNotMatch(readFileSync(built("GOLPO_WASM_GLUE"), "utf8"), /panicWith/);
});
