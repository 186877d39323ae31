// Binds the app (Rust, compiled to WebAssembly) to Forge. It decides nothing: it hands Forge's APIs
// over as one host object and passes texts both ways. Whatever is about the product is in crates/app.
//
// The wasm is loaded when this module is, once per runtime instance: Forge starts an instance before
// it hands it an invocation, and a build that does not load fails at once instead of at some call.

import { assumeTrustedRoute, asUser, invokeRemote, permissions } from "@forge/api";
import { makeResolver } from "@forge/resolver";
import * as golpo from "./dist/golpo.js";

const REMOTE = "golpo-backend";
// Resolver throws on a key it does not know; with one key for all, unknown names reach the app.
const ANY = "any";

/** Status and body of a fetch response; bytes, which cross into the wasm in one copy. */
async function answer(response) {
  return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
}

// Paths come from the app, which builds them of checked ids alone.
async function confluence(method, path) {
  const request = { method, headers: { accept: "application/json" } };
  return answer(await asUser().requestConfluence(assumeTrustedRoute(path), request));
}

/** An attachment's text as the second wasm module tells it: loaded at the first attachment. */
async function attachment(path, name, mediaType) {
  const response = await asUser().requestConfluence(assumeTrustedRoute(path));
  if (!response.ok) return { status: response.status, body: new Uint8Array() };
  const bytes = new Uint8Array(await response.arrayBuffer());
  const attachments = await import("./dist/attachments.js");
  try {
    return { status: 200, body: attachments.extract(name, mediaType, bytes) };
  } catch {
    // A file that brought the module down, by its memory limit: the next one gets a new module.
    attachments.__wbg_reset_state();
    return { status: 200, body: Buffer.from('{"error":"attachment_unreadable"}') };
  }
}

/**
 * Forge's storage, and the queue below, are loaded at their first use: previews, which most cold
 * starts are for, never come to it. Of storage that refused only the status is passed on: its words
 * may hold what was stored.
 */
async function stored(use) {
  const { kvs } = await import("@forge/kvs");
  try {
    return await use(kvs);
  } catch (error) {
    throw error.responseDetails?.status;
  }
}

async function queue(json, delayInSeconds) {
  const { Queue } = await import("@forge/events");
  await new Queue({ key: "page-videos" }).push({ body: JSON.parse(json), delayInSeconds });
}

// Values cross as JSON text; `JSON.stringify(undefined)`, a missing key, stays undefined.
const host = {
  kvs: {
    get: async (key) => JSON.stringify(await stored((kvs) => kvs.get(key))),
    set: async (key, json) => void (await stored((kvs) => kvs.set(key, JSON.parse(json)))),
    delete: async (key) => stored((kvs) => kvs.delete(key)),
  },
  secret: {
    get: async (key) => stored((kvs) => kvs.getSecret(key)),
    set: async (key, text) => void (await stored((kvs) => kvs.setSecret(key, text))),
    delete: async (key) => stored((kvs) => kvs.deleteSecret(key)),
  },
  confluence: { asUser: confluence },
  attachment,
  remote: async (method, path, idempotencyKey, body) => {
    const headers = { "content-type": "application/json" };
    if (idempotencyKey) headers["idempotency-key"] = idempotencyKey;
    return answer(await invokeRemote(REMOTE, { method, path, headers, body }));
  },
  queue,
  hasScope: (scope) => permissions.hasScope(scope),
  // biome-ignore lint/suspicious/noConsole: Forge's log is the console; the app redacts each line.
  log: (level, line) => console[level](line),
};

const definitions = makeResolver({
  [ANY]: async ({ payload: call, context }) => {
    const { uiVersion, ...payload } = call.payload ?? {};
    const texts = [String(call.functionKey), JSON.stringify(payload), JSON.stringify(context)];
    return golpo.resolve(host, ...texts, uiVersion);
  },
});

/**
 * Every `invoke` of the Custom UI; gives `{ok}` or `{error: {code, message, action}}`. The text becomes
 * an object behind Resolver, which would copy an object by way of a text.
 */
export async function resolver({ call, context }, runtime) {
  const { functionKey, payload, ...rest } = call;
  const any = { ...rest, functionKey: ANY, payload: { functionKey, payload } };
  return JSON.parse(await definitions({ call: any, context }, runtime));
}

/** The byline's dynamic properties; `context` is what Forge gives of the page being viewed. */
export async function byline(context) {
  return JSON.parse(await golpo.byline(host, JSON.stringify(context)));
}

/** Forge is about to remove the app from the site. */
export async function uninstall() {
  await golpo.uninstall(host);
}

/** One event of the queue `page-videos`. */
export async function consume(event) {
  await golpo.consume(host, JSON.stringify(event.body));
}
