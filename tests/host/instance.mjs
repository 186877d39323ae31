// One runtime instance: loads the bundle once and runs its handlers. Puts in place what the unmodified
// @forge packages look for: `__forge_runtime__`, `__forge_fetch__`, and a `fetch` that reaches no
// host but those that the manifest declares.

import { createRequire } from "node:module";
import { format } from "node:util";
import { parentPort, workerData } from "node:worker_threads";

const { file, appContext, limits, egress } = workerData;
const waiting = new Map();
let current;
let sequence = 0;

for (const level of ["debug", "log", "info", "warn", "error"]) {
  console[level] = (...parts) => {
    const line = format(...parts);
    if (current) {
      current.logLines += 1;
      current.logBytes += Buffer.byteLength(line);
      // Forge drops what is beyond, and so does a host that wants to show it.
      if (current.logLines > limits.logLinesPerInvocation) return;
      if (current.logBytes > limits.logBytesPerInvocation) return;
    }
    parentPort.postMessage({ kind: "log", level, line });
  };
}

const noTimer = { stop() {} };
const metrics = {
  counter: () => ({ incr() {}, decr() {} }),
  gauge: () => ({ set() {} }),
  timing: () => ({ measure: () => noTimer }),
};

function runtimeOf({ id, moduleKey, aaid, cloudId, permissions, deadline }) {
  return {
    appContext: { ...appContext, invocationId: id, moduleKey, permissions },
    lambdaContext: {
      awsRequestId: id,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    },
    aaid,
    cloudId,
    allowedEgress: egress,
    externalAuth: [],
    metrics,
    tracing: { traceId: id.replaceAll("-", ""), spanId: id.replaceAll("-", "").slice(0, 16) },
    // `kvs` stays empty: the packages then take the way through `__forge_fetch__`.
    proxy: { token: "local", url: "http://proxy.invalid", host: "proxy.invalid" },
  };
}

/** The way of every @forge package to the platform. */
globalThis.__forge_fetch__ = (target, path, init = {}) => {
  if (!current) return Promise.reject(new Error("a call outside of an invocation"));
  const id = ++sequence;
  const { method, body } = init;
  const headers = Object.fromEntries(new Headers(init.headers ?? {}));
  const invocation = current.id;
  const plain = { method, headers, body };
  parentPort.postMessage({
    kind: "fetch",
    id,
    invocation,
    target,
    path: String(path),
    init: plain,
  });
  return new Promise((resolve) => waiting.set(id, resolve));
};

// A development build has its source map inside.
process.setSourceMapsEnabled(true);

const networkFetch = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  if (!egress.includes(url.origin)) {
    const words = "URL not included in the external fetch backend permissions";
    throw Object.assign(new Error(`${words}: ${url}`), { name: "REQUEST_EGRESS_ALLOWLIST_ERR" });
  }
  return networkFetch(input, init);
};

globalThis.__forge_runtime__ = runtimeOf({ id: "00000000-0000-0000-0000-000000000000" });
const bundle = createRequire(import.meta.url)(file);

parentPort.on("message", async (message) => {
  if (message.kind === "answer") {
    const resolve = waiting.get(message.id);
    waiting.delete(message.id);
    const { status, headers, body } = message.answer;
    const empty = status === 204 || status === 304;
    // fetch has unpacked the body and these two no longer describe it.
    const { "content-encoding": _, "content-length": __, ...rest } = headers;
    resolve(new Response(empty ? null : body, { status, headers: rest }));
    return;
  }
  const invocation = message.id;
  current = { id: invocation, logLines: 0, logBytes: 0 };
  globalThis.__forge_runtime__ = runtimeOf(message);
  try {
    const handler = bundle[message.name];
    if (typeof handler !== "function") throw new Error(`no handler ${message.name} in ${file}`);
    const value = await handler(...message.args);
    // What leaves an invocation is JSON.
    const json = value === undefined ? undefined : JSON.stringify(value);
    parentPort.postMessage({ kind: "result", invocation, value: json });
  } catch (error) {
    parentPort.postMessage({
      kind: "thrown",
      invocation,
      message: String(error?.message ?? error),
    });
  } finally {
    current = undefined;
  }
});
