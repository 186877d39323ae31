// Starts everything that a test of the whole needs, each on a free port and in a folder of its own:
// the local Confluence host in this process, the real backend as a program beside it.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startHost } from "../host/host.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const READY_MS = 30_000;
const STOP_MS = 10_000;

/** Where the built app lies. */
export const APP = join(ROOT, "src-js-shim/dist");
export const MANIFEST = join(ROOT, "manifest.yml");

/** Fails with a sentence that helps when the app, or `more` of it, has not been built. */
export function requireBuiltApp(...more) {
  const app = ["golpo.cjs", "golpo_bg.wasm", "attachments_bg.wasm.br"];
  const built = [...app.map((name) => `src-js-shim/dist/${name}`), ...more];
  for (const file of built) {
    if (!existsSync(join(ROOT, file))) {
      throw new Error(`${file} is missing: run \`cargo xtask build\` first.`);
    }
  }
}

function backendBinary() {
  const binary = process.env.GOLPO_BACKEND_BIN;
  if (!binary || !existsSync(binary)) {
    throw new Error(
      "GOLPO_BACKEND_BIN must name the backend's binary: run the tests by `cargo xtask test`, or `cargo build -p backend` and set it to target/debug/golpo-backend.",
    );
  }
  return binary;
}

/** A port that was free a moment ago. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function startBackend({ port, folder, host, requireApiKey, flags: more = [] }) {
  const url = `http://127.0.0.1:${port}`;
  const flags = [
    ["--listen", `127.0.0.1:${port}`],
    ["--public-url", url],
    ["--database-url", `sqlite://${join(folder, "golpo.db")}`],
    ["--objects", join(folder, "objects")],
    ["--master-key-file", join(folder, "master.key")],
    ["--create-master-key"],
    ["--jwks-url", host.jwks],
    ["--audience", host.audience],
    ["--engine", "local"],
    requireApiKey ? ["--require-api-key"] : [],
    more,
  ].flat();
  const child = spawn(backendBinary(), ["serve", ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  const output = [];
  child.stdout.on("data", (data) => output.push(data));
  child.stderr.on("data", (data) => output.push(data));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const text = () => Buffer.concat(output).toString("utf8");
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(timer);
  };
  const deadline = Date.now() + READY_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the backend ended at once:\n${text()}`);
    const ready = await fetch(`${url}/readyz`).catch(() => undefined);
    if (ready?.ok) return { url, stop, text };
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`the backend was not ready after ${READY_MS / 1000} s:\n${text()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Starts host and backend. Options: `requireApiKey`, `withoutScopes` (or one `withoutScope`),
 * `backendDown` (nothing listens where the backend should), `faults` and `limits` of the host,
 * `siteFolder` (its pages), `flags` (more of the backend's).
 * Gives `{site, ui, backend, platform, faults, logs, backendLog(), ask(), stopBackend(), stop()}`.
 */
export async function startAll(options = {}, attempts = 3) {
  requireBuiltApp();
  const { requireApiKey = false, withoutScope, limits, backendDown = false } = options;
  const withoutScopes = options.withoutScopes ?? (withoutScope ? [withoutScope] : []);
  const faults = options.faults ?? {};
  const folder = mkdtempSync(join(tmpdir(), "golpo-e2e-"));
  const logs = [];
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const host = await startHost({
    app: APP,
    ui: join(ROOT, "static/dist"),
    site: options.siteFolder,
    manifest: MANIFEST,
    backend: url,
    state: join(folder, "host"),
    withoutScopes,
    limits,
    faults,
    log: (level, line) => logs.push(`${level} ${line}`),
  });
  let backend;
  const stopBackend = async () => {
    await backend?.stop();
    backend = undefined;
  };
  const stop = async () => {
    await stopBackend();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    if (!backendDown) {
      backend = await startBackend({ port, folder, host, requireApiKey, flags: options.flags });
    }
  } catch (error) {
    await stop();
    // Another program took the port between our looking and the backend's listening.
    if (attempts > 1 && error.message.includes("Address already in use")) {
      return startAll(options, attempts - 1);
    }
    throw error;
  }
  const { text } = backend ?? { text: () => "" };
  return {
    site: host.site,
    ui: host.ui,
    backend: url,
    platform: host.platform,
    faults,
    logs,
    folder,
    backendLog: text,
    ask: (operation, payload, where) => ask(host.site, operation, payload, where),
    stopBackend,
    stop,
  };
}

/** One `invoke`, as the page around the app's frame carries it; gives the app's whole answer. */
export async function ask(site, functionKey, payload, where = {}) {
  const { user = "user", module = "golpo-content-action", page = "65601", extension } = where;
  const response = await fetch(`${site}/bridge/invoke`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user, module, content: page, extension, functionKey, payload }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${response.status} ${answer.error?.message}`);
  return answer.value;
}
