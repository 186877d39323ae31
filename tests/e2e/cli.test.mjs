// The local host's two programs, as a person or xtask calls them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ask, MANIFEST } from "./harness.mjs";

const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const PROBE = file("./fixtures/probe");

function start(program, args) {
  const child = spawn(process.execPath, [file(`../host/${program}`), ...args]);
  let text = "";
  child.stdout.on("data", (data) => {
    text += data;
  });
  child.stderr.on("data", (data) => {
    text += data;
  });
  const ended = new Promise((resolve) => child.once("close", (code) => resolve({ code, text })));
  return { child, ended };
}

test("--help names every option and starts nothing", async () => {
  const main = await start("main.mjs", ["--help"]).ended;
  assert.equal(main.code, 0);
  for (const option of ["app", "ui", "manifest", "backend", "state", "port", "ready-file"]) {
    assert.ok(main.text.includes(`--${option} `), option);
  }
  const once = await start("once.mjs", ["--help"]).ended;
  assert.equal(once.code, 0);
  assert.match(once.text, /--site URL/);
});

test("a wrong option is named and ends with 1", async () => {
  const cases = [
    [["--prot", "1"], /--prot/],
    [["--port", "seven"], /--port must be a port number, not seven/],
    [["--manifest", "/nowhere/manifest.yml"], /could not start: .*\/nowhere\/manifest\.yml/],
  ];
  for (const [args, expected] of cases) {
    const { code, text } = await start("main.mjs", args).ended;
    assert.equal(code, 1);
    assert.match(text, expected);
  }
});

test("it serves on free ports, says where, and ends on a signal", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "golpo-cli-"));
  const ready = join(folder, "ready.json");
  const paths = ["--app", PROBE, "--ui", PROBE, "--manifest", MANIFEST];
  const ports = ["--port", "0", "--ui-port", "0", "--backend", "http://127.0.0.1:9"];
  const state = ["--state", join(folder, "state"), "--ready-file", ready];
  const { child, ended } = start("main.mjs", [...paths, ...ports, ...state]);
  t.after(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  const deadline = Date.now() + 10_000;
  while (!existsSync(ready) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { site, ui, jwks, audience } = JSON.parse(readFileSync(ready, "utf8"));
  assert.notEqual(new URL(site).origin, new URL(ui).origin);
  assert.equal((await (await fetch(jwks)).json()).keys[0].alg, "RS256");
  assert.match(audience, /^ari:cloud:ecosystem::app\//);
  assert.equal(await ask(site, "calls"), 1);
  child.kill("SIGTERM");
  assert.equal((await ended).code, 0);
});
