// What `forge tunnel` does on this machine: its own dev server, function host and processes, which
// are Atlassian's, run the folder that `cargo xtask build` makes. Beyond this machine, a tunnel needs
// an account and a site; and the platform's wrapper, a script that the command line downloads, is
// stood in for by tunnel-wrapper.cjs.

import assert from "node:assert/strict";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  utimesSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DIST = "src-js-shim/dist";
const require = createRequire(import.meta.url);
const tunnel = require("@forge/tunnel");
const { ConfigFile, FileSystemReader } = createRequire(require.resolve("@forge/tunnel"))(
  "@forge/cli-shared",
);

const logger = Object.fromEntries(
  ["info", "warn", "error", "debug", "trace"].map((level) => [
    level,
    (line) => said.push(`${level} ${line?.message ?? line}`),
  ]),
);
const said = [];
const home = process.cwd();
let folder;
let server;
let host;
let address;
let built = () => {};

/** Invokes a handler as Atlassian's side of the tunnel does. */
async function invoke(handler, body) {
  const response = await fetch(`${address}/any`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ handler, body, _meta: {}, variables: [] }),
  });
  return { status: response.status, answer: await response.json() };
}

const preview = { functionKey: "preview", payload: { pageId: "65601" } };
const context = {
  accountId: "5b10ac8d82e05b22cc7d4ef5",
  moduleKey: "golpo-content-action",
  extension: { type: "confluence:contentAction", content: { id: "65601", type: "page" } },
};
const body = { call: preview, context };

before(async () => {
  if (!existsSync(join(ROOT, DIST, "golpo.cjs"))) {
    throw new Error(`${DIST}/golpo.cjs is missing: run \`cargo xtask build\`.`);
  }
  // The tunnel works where the manifest is, and leaves a folder there.
  folder = mkdtempSync(join(tmpdir(), "golpo-tunnel-"));
  copyFileSync(join(ROOT, "manifest.yml"), join(folder, "manifest.yml"));
  cpSync(join(ROOT, DIST), join(folder, DIST), { recursive: true });
  mkdirSync(join(folder, "wrapper/dist"), { recursive: true });
  const wrapper = join(folder, "wrapper/dist/wrapper.js");
  copyFileSync(fileURLToPath(new URL("tunnel-wrapper.cjs", import.meta.url)), wrapper);
  copyFileSync(wrapper, join(folder, "wrapper/dist/loader.js"));
  process.chdir(folder);
  process.env.FORGE_RUNTIME_PATH = join(folder, "wrapper");

  const files = new FileSystemReader();
  const config = new ConfigFile(files);
  const flags = { isSelfManagedTunnelEnabled: async () => false };
  const translations = { bundle: async () => undefined };
  const invocations = new tunnel.LocalInvocationService(logger);
  server = new tunnel.LocalDevelopmentServer(
    invocations,
    logger,
    config,
    files,
    flags,
    translations,
  );
  host = new tunnel.LocalFunctionHost(config, logger, (one) => new tunnel.NodeSandbox(one));
  const { port } = await server.start();
  address = `http://127.0.0.1:${port}`;
  const options = { debug: false };
  const reload = async (error, output) => {
    if (!error) await host.startWatching(output, options);
    built(error);
  };
  const watch = { onBuildWillStart: async () => host.stopWatching(), onBuildFinished: reload };
  await host.startWatching(await server.compileAndWatch(watch, options), options);
});

after(async () => {
  tunnel.SandboxesContainer.stopSandboxes();
  await host?.stopWatching();
  await server?.stop();
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

test("a process of the tunnel runs each handler of the manifest on the built wasm", async () => {
  const handlers = Object.keys(tunnel.SandboxesContainer.get()).sort();
  assert.deepEqual(handlers, [
    "golpo.byline",
    "golpo.consume",
    "golpo.resolver",
    "golpo.uninstall",
  ]);
  const { status, answer } = await invoke("golpo.resolver", body);
  assert.equal(status, 200, JSON.stringify(answer));
  const { ok } = answer.body;
  assert.equal(ok?.pageVersion, 7, `${JSON.stringify(answer)}\n${said.join("\n")}`);
  assert.match(ok.script.sections[0].text, /the tunnel's page/);
  assert.deepEqual(
    ok.removals.map(({ kind }) => kind),
    ["mention"],
  );
  assert.ok(
    said.some((line) => line.includes("golpo.resolver")),
    said.join("\n"),
  );
});

test("a handler that the manifest does not have is refused by name", async () => {
  const { status, answer } = await invoke("golpo.nothing", body);
  assert.equal(status, 500);
  assert.match(answer.errorMessage, /golpo\.nothing/);
});

test("a folder that is built anew is run by new processes", async () => {
  const before = tunnel.SandboxesContainer.get()["golpo.resolver"].process.pid;
  const rebuilt = new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the change was not seen")), 20_000);
    built = (error) => {
      clearTimeout(late);
      if (error) reject(error);
      else resolve();
    };
  });
  const now = new Date();
  utimesSync(join(folder, DIST, "golpo.cjs"), now, now);
  await rebuilt;
  assert.notEqual(tunnel.SandboxesContainer.get()["golpo.resolver"].process.pid, before);
  const { answer } = await invoke("golpo.resolver", body);
  assert.equal(answer.body.ok.pageVersion, 7);
});
