// What Forge's command line does with this checkout before it needs an account: its linters, all of
// them, and its packaging of the folder that `cargo xtask build` makes. The packages are Atlassian's
// own, in a lock file of their own, since they bring five hundred others.

import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(import.meta.url);
const { getClientSideLintersOnly, lint } = require("@forge/lint");
const { getNodeBundler } = require("@forge/bundler");

const manifest = () => parse(readFileSync(join(ROOT, "manifest.yml"), "utf8"));
const quiet = { info() {}, warn() {}, error() {}, debug() {}, trace() {} };
// Atlassian's feature flags, which are asked for over the network: none is set.
const flags = { getDeprecatedRuntimes: async () => undefined };

/** The linters read Atlassian's descriptions of its APIs: those of the calls that the app makes. */
function describeApis() {
  const fixture = join(ROOT, "crates/app/tests/fixtures/confluence-scopes.json");
  const { calls } = JSON.parse(readFileSync(fixture, "utf8"));
  const paths = {};
  for (const [call, scope] of Object.entries(calls)) {
    const [method, path] = call.split(" ");
    const named = path.replaceAll("{}", () => "{id}");
    paths[named] = { [method.toLowerCase()]: { security: [{ oAuthDefinitions: [scope] }] } };
  }
  const folder = mkdtempSync(join(tmpdir(), "golpo-forge-"));
  const file = (name, content) => {
    writeFileSync(join(folder, name), JSON.stringify({ openapi: "3.0.1", paths: content }));
    return join(folder, name);
  };
  const none = file("none.json", {});
  const confluence = file("confluence.json", paths);
  for (const name of ["JIRA", "JSM", "JSW", "BB", "CONF_V2"]) {
    process.env[`LOCAL_${name}_SWAGGER`] = none;
  }
  process.env.LOCAL_CONF_SWAGGER = confluence;
  process.env.USE_LOCAL_SWAGGER = "true";
}

function sources(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "test" ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/** The message of everything that the linters find. */
async function found(files, of = manifest()) {
  const linters = await getClientSideLintersOnly(of, "production", quiet, flags);
  assert.ok(linters.length >= 16, "all linters run");
  const results = await lint(files, of, "production", quiet, flags, { linters });
  return results.flatMap(({ errors, warnings, approvals }) =>
    [...errors, ...warnings, ...approvals].map(({ message }) => message),
  );
}

before(() => {
  for (const file of ["src-js-shim/dist/golpo.cjs", "static/dist/index.html"]) {
    if (!existsSync(join(ROOT, file)))
      throw new Error(`${file} is missing: run \`cargo xtask build\`.`);
  }
  // The linters look for the manifest and its files from where they run.
  process.chdir(ROOT);
  describeApis();
});

test("P3 Forge's linters find nothing in manifest, shim and Custom UI", async () => {
  const files = ["src-js-shim/index.mjs", ...sources("static/src")];
  assert.ok(files.length > 20);
  assert.deepEqual(await found(files), []);
});

test("P3 they would find a scope, a host and a timeout that are wrong", async () => {
  const folder = mkdtempSync(join(tmpdir(), "golpo-forge-"));
  const file = join(folder, "calls.js");
  writeFileSync(
    file,
    `import api, { route } from "@forge/api";
     export const one = () => api.asUser().requestConfluence(route\`/wiki/api/v2/spaces/1\`);
     export const other = () => fetch("https://elsewhere.example.org/");`,
  );
  const without = manifest();
  without.permissions.scopes = without.permissions.scopes.filter((it) => !it.includes(":space:"));
  const messages = (await found([file], without)).join("\n");
  assert.match(messages, /read:space:confluence/);
  assert.match(messages, /elsewhere\.example\.org/);
  const slow = manifest();
  slow.modules.function[0].timeoutSeconds = 25;
  assert.match((await found([], slow)).join("\n"), /defines timeoutSeconds/);
});

test("Forge packages the built folder as it is, wasm included, and sees when it is built anew", async () => {
  // The platform's own wrapper, which the command line downloads.
  const script = async () => ({ script: "", version: "0" });
  const wrapper = { getNodeRuntimeWrapper: script, getNodeRuntimeLoader: script };
  const bundler = getNodeBundler(quiet, wrapper, { readConfig: async () => manifest() });
  const rebuilt = deferred();
  // The watcher does not keep the process alive.
  const late = setTimeout(() => rebuilt.reject(new Error("the change was not seen")), 20_000);
  const { result, stop } = await bundler.watch(
    { appDirectory: ROOT },
    {
      onBuildWillStart: async () => {},
      onBuildFinished: async (error, next) =>
        error ? rebuilt.reject(error) : rebuilt.resolve(next),
    },
  );
  try {
    assert.equal(result.metadata.bundler, "manual@2026");
    const files = readdirSync(result.outputDir);
    for (const { handler } of manifest().modules.function) {
      assert.ok(files.includes(`${handler.split(".")[0]}.cjs`), handler);
    }
    assert.ok(files.includes("golpo_bg.wasm") && files.includes("attachments_bg.wasm.br"));
    for (const name of result.additionalOutputs.keys()) {
      assert.ok(!files.includes(name), `${name} would be overwritten`);
    }
    const now = new Date();
    utimesSync(join(result.outputDir, "golpo.cjs"), now, now);
    assert.equal((await rebuilt.promise).outputDir, result.outputDir);
  } finally {
    clearTimeout(late);
    await stop();
  }
});

function deferred() {
  let resolve;
  let reject;
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
