// What crosses the border between JavaScript and wasm, and how often: the module is compiled once in
// the life of an instance, a page goes in as bytes once, an answer comes out once, and neither is
// larger in the wasm's memory than it has to be.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, test } from "node:test";
import { APP, requireBuiltApp } from "./harness.mjs";

const require = createRequire(import.meta.url);
const { pageAnswer } = require("../bench/runtime/page.cjs");
const PAGE = "65601";
const SPACE = "98305";
const BYTES = 1_000_000;

const counted = { modules: 0, instances: 0, in: 0, out: 0 };
let memory;
let golpo;
const page = Buffer.from(pageAnswer(PAGE, SPACE, BYTES));
const space = JSON.stringify({ id: SPACE, key: "ENG", name: "Engineering", type: "global" });

/** Counts what is compiled, and each byte that is asked room for or read out as text. */
function count() {
  const { Module, Instance } = WebAssembly;
  WebAssembly.Module = class extends Module {
    constructor(bytes) {
      super(bytes);
      counted.modules += 1;
    }
  };
  WebAssembly.Instance = function instance(module, imports) {
    counted.instances += 1;
    const { exports } = new Instance(module, imports);
    memory = exports.memory;
    const malloc = (length, align) => {
      counted.in += length;
      return exports.__wbindgen_malloc(length, align);
    };
    // Room for a text that is not all ASCII, three times its rest; given back but for what it took.
    const realloc = (at, from, to, align) => {
      counted.in += to - from;
      return exports.__wbindgen_realloc(at, from, to, align);
    };
    return { exports: { ...exports, __wbindgen_malloc: malloc, __wbindgen_realloc: realloc } };
  };
  const { decode } = TextDecoder.prototype;
  TextDecoder.prototype.decode = function counting(bytes, ...rest) {
    if (bytes?.buffer === memory?.buffer) counted.out += bytes?.byteLength ?? 0;
    return decode.call(this, bytes, ...rest);
  };
}

function runtime() {
  const timer = { stop() {} };
  const scopes = ["read:page:confluence", "read:space:confluence"];
  global.__forge_runtime__ = {
    appContext: { invocationId: "1", permissions: { scopes, external: {} } },
    lambdaContext: { getRemainingTimeInMillis: () => 25_000 },
    allowedEgress: [],
    externalAuth: [],
    metrics: {
      counter: () => ({ incr() {}, decr() {} }),
      gauge: () => ({ set() {} }),
      timing: () => ({ measure: () => timer }),
    },
    tracing: { traceId: "1", spanId: "1" },
    proxy: { token: "local", url: "http://proxy.invalid", host: "proxy.invalid" },
  };
  global.__forge_fetch__ = async (_target, path) =>
    String(path).includes("/pages/") ? new Response(page) : new Response(space);
}

const context = {
  moduleKey: "golpo-content-action",
  accountId: "5b10ac8d82e05b22cc7d4ef5",
  extension: {
    type: "confluence:contentAction",
    content: { id: PAGE, type: "page" },
    space: { id: SPACE },
  },
};
const call = { functionKey: "preview", payload: { pageId: PAGE } };
const preview = () => golpo.resolver({ call, context }, { principal: {}, installContext: "" });

before(() => {
  requireBuiltApp();
  runtime();
  count();
  golpo = require(join(APP, "golpo.cjs"));
});

test("the module is compiled and started once, however many invocations there are", async () => {
  for (let round = 0; round < 3; round += 1) assert.ok((await preview()).ok);
  assert.deepEqual([counted.modules, counted.instances], [1, 1]);
});

test("a page and its answer cross once each way", async () => {
  counted.in = 0;
  counted.out = 0;
  const answer = JSON.stringify(await preview());
  // Beside page and answer: the operation, the request, Forge's context, paths, scopes, a space's name.
  const more = 4_000;
  assert.ok(counted.in >= page.length && counted.in < page.length + more, `in: ${counted.in}`);
  const said = Buffer.byteLength(answer);
  assert.ok(counted.out >= said && counted.out < said + more, `out: ${counted.out} of ${said}`);
});

test("pages of a million bytes leave no more memory than their texts need", async () => {
  const first = memory.buffer.byteLength;
  for (let round = 0; round < 5; round += 1) await preview();
  assert.equal(memory.buffer.byteLength, first, "nothing is kept of an invocation");
  assert.ok(first < 12 * page.length, `${first} bytes for a page of ${page.length}`);
});
