// manifest.yml says what the app is, needs and may reach; these tests hold it against the build.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { origins, readManifest } from "../host/manifest.mjs";
import { APP, MANIFEST, requireBuiltApp } from "./harness.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(import.meta.url);
const manifest = readManifest(MANIFEST);
const BACKEND = "https://confluence.golpoai.com";

test("Atlassian's validator finds no error and no warning", async () => {
  requireBuiltApp("static/dist/index.html");
  const { FullValidationProcessor } = require("@forge/manifest");
  const there = process.cwd();
  // The validator looks for the handlers' files from where it runs.
  process.chdir(ROOT);
  try {
    const { success, errors } = await new FullValidationProcessor({}).process("./manifest.yml");
    assert.deepEqual(errors ?? [], []);
    assert.equal(success, true);
  } finally {
    process.chdir(there);
  }
});

test("every handler is exported by the bundle, and nothing else is", () => {
  requireBuiltApp();
  const bundle = require(join(APP, "golpo.cjs"));
  const names = manifest.ofType("function").map(({ key }) => manifest.handler(key).name);
  for (const name of names) assert.equal(typeof bundle[name], "function", name);
  assert.deepEqual(Object.keys(bundle).sort(), names.sort());
  assert.deepEqual(
    readdirSync(APP).filter((name) => /^golpo\./.test(name) && !name.endsWith(".txt")),
    ["golpo.cjs"],
    "a handler `golpo.NAME` must mean one file",
  );
});

test("P4 no module is shown to people without access to Confluence", () => {
  assert.deepEqual(
    manifest.modules.filter((module) => module.unlicensedAccess),
    [],
  );
});

test("module keys are unique across kinds", () => {
  const keys = manifest.modules.map((module) => module.key);
  assert.deepEqual(keys, [...new Set(keys)]);
});

test("every text of a module is said in every language, and no other", () => {
  const raw = parse(readFileSync(MANIFEST, "utf8"));
  const keys = [...JSON.stringify(raw.modules).matchAll(/"i18n":"([^"]+)"/g)].map(([, key]) => key);
  const { resources, fallback } = raw.translations;
  assert.deepEqual(
    resources.map(({ key }) => key),
    ["en-US", "de-DE", "es-ES", "fr-FR", "ja-JP"],
  );
  assert.equal(fallback.default, "en-US");
  for (const { key, path } of resources) {
    const { module, ...others } = JSON.parse(readFileSync(join(ROOT, path), "utf8"));
    assert.deepEqual(others, {}, key);
    const said = Object.keys(module).map((name) => `module.${name}`);
    assert.deepEqual(said.sort(), [...new Set(keys)].sort(), key);
    for (const text of Object.values(module)) assert.ok(text.trim(), key);
  }
  // A module's title, description or tooltip that is not a key would be English for everybody.
  for (const module of Object.values(raw.modules).flat()) {
    for (const name of ["title", "description", "tooltip"]) {
      assert.notEqual(typeof module[name], "string", `${module.key}: ${name}`);
    }
  }
});

test("every function that a module names is declared, and every declared one is named", () => {
  const named = manifest.modules.flatMap((module) => [
    module.resolver?.function,
    module.dynamicProperties?.function,
    ["consumer", "preUninstall"].includes(module.type) ? module.function : undefined,
  ]);
  const declared = manifest.ofType("function").map((module) => module.key);
  assert.deepEqual([...new Set(named.filter(Boolean))].sort(), declared.sort());
});

test("P1 every host in the manifest is the backend's, and the backend's is the only remote", () => {
  const { external, remotes } = manifest;
  assert.deepEqual(
    [...remotes.values()].map((remote) => remote.baseUrl),
    [BACKEND],
  );
  const { fetch, ...resources } = external;
  for (const [kind, entries] of Object.entries({ ...resources, ...fetch })) {
    assert.deepEqual(origins(entries, remotes), [BACKEND], kind);
  }
  // What the player loads: poster, video, captions, and what the resolver calls.
  const kinds = ["images", "media"].filter((kind) => external[kind]);
  assert.deepEqual(kinds, ["images", "media"]);
  assert.deepEqual(Object.keys(resources).sort(), ["images", "media"]);
  assert.deepEqual(Object.keys(fetch).sort(), ["backend", "client"]);
  const { auth } = remotes.get("golpo-backend");
  assert.equal(auth.appSystemToken.enabled, false);
  assert.equal(auth.appUserToken.enabled, false);
});

test("P1 the sources of app, shim and Custom UI name no other host", () => {
  const folders = [
    "src-js-shim",
    "static/src",
    "crates/app/src",
    "crates/app-wasm/src",
    "crates/attachments/src",
    "crates/attachments-wasm/src",
  ];
  // `test` holds what the unit tests of the Custom UI share; it is not in the build.
  const skipped = new Set(["dist", "node_modules", "test"]);
  const hosts = new Map();
  const visit = (path) => {
    for (const entry of readdirSync(join(ROOT, path), { withFileTypes: true })) {
      const inner = `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) visit(inner);
      } else if (/\.(mjs|ts|tsx|rs)$/.test(inner) && !/\.test\.tsx?$/.test(inner)) {
        const text = readFileSync(join(ROOT, inner), "utf8");
        const code = text.replace(/^\s*\/\/.*$/gm, "").split("#[cfg(test)]")[0];
        for (const [, host] of code.matchAll(/["'`]https?:\/\/([\w.-]+)/g)) hosts.set(host, inner);
      }
    }
  };
  for (const folder of folders) visit(folder);
  // An XML namespace is a name, not a place that anything is fetched from.
  hosts.delete("www.w3.org");
  assert.deepEqual([...hosts], []);
});

test("P12 no password and no token of an Atlassian account is asked for, taken or passed on", () => {
  // Forge would add OAuth tokens to calls of the remote; the app's own token has to do.
  const { auth } = manifest.remotes.get("golpo-backend");
  assert.deepEqual(auth, { appSystemToken: { enabled: false }, appUserToken: { enabled: false } });
  assert.ok(!manifest.scopes.some((scope) => /offline_access|manage:|write:/.test(scope)));
  // What the Custom UI can send: of all that is secret, the Golpo API key alone.
  const protocol = readFileSync(join(ROOT, "static/src/protocol.ts"), "utf8");
  const fields = [...protocol.matchAll(/^\s*"?(\w+)"?\??:/gm)].map(([, name]) => name);
  assert.ok(fields.length > 50 && fields.includes("apiKey"));
  const secrets = fields.filter((name) =>
    /passw|token|secret|credential|cookie|api_?key/i.test(name),
  );
  assert.deepEqual([...new Set(secrets)].sort(), ["apiKey", "requiresApiKey"]);
  const shim = readFileSync(join(ROOT, "src-js-shim/index.mjs"), "utf8");
  assert.doesNotMatch(shim, /requestCredentials|withProvider|x-forge-oauth|process\.env/);
});

test("the shim calls the declared remote and queue, and is short", () => {
  const shim = readFileSync(join(ROOT, "src-js-shim/index.mjs"), "utf8");
  const [, remote] = /REMOTE = "([\w-]+)"/.exec(shim);
  assert.deepEqual([...manifest.remotes.keys()], [remote]);
  const [, queue] = /Queue\(\{ key: "([\w-]+)" \}\)/.exec(shim);
  assert.ok(manifest.consumerOf(queue));
  assert.ok(shim.split("\n").length < 150);
});

test("P3 the scopes are those that the app's code lists with their calls", () => {
  const code = readFileSync(join(ROOT, "crates/app/src/scope.rs"), "utf8");
  const listed = [...code.matchAll(/=> "([a-z:-]+)"/g)].map(([, scope]) => scope);
  assert.deepEqual([...manifest.scopes].sort(), listed.sort());
});
