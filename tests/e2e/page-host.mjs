// One page in memory, for running the app's wasm by itself: the smallest host object that answers
// what `preview` asks. The page is what Confluence's REST API v2 would give of it.

const ID = "65601";
const CONTEXT = JSON.stringify({
  moduleKey: "golpo-content-action",
  extension: { content: { id: ID, type: "page" } },
});
const PAYLOAD = JSON.stringify({ pageId: ID });

/** The REST API's answer for a page of that title whose body is `value` in `format`. */
export function pageAnswer(title, format, value) {
  const body = { [format]: { value, representation: format } };
  return JSON.stringify({ id: ID, title, version: { number: 1 }, body });
}

/** The host of a page with a body in `format` (`atlas_doc_format` or `storage`) alone. */
export function pageHost(title, format, value) {
  const bytes = (of, text) => Buffer.from(pageAnswer(title, of, text));
  const answers = {
    atlas_doc_format: bytes("atlas_doc_format", ""),
    storage: bytes("storage", ""),
    [format]: bytes(format, value),
  };
  const asUser = async (_method, path) => {
    const url = new URL(path, "http://localhost");
    const body = answers[url.searchParams.get("body-format")];
    if (url.pathname === `/wiki/api/v2/pages/${ID}` && body) return { status: 200, body };
    return { status: 404, body: Buffer.from("{}") };
  };
  const nothing = { get: async () => undefined, set: async () => {}, delete: async () => {} };
  const unexpected = async () => {
    throw new Error("not for previews");
  };
  return {
    kvs: nothing,
    secret: nothing,
    confluence: { asUser, asApp: unexpected },
    remote: unexpected,
    queue: unexpected,
    hasScope: () => true,
    log: () => {},
  };
}

/** Runs `preview` on a host; gives the answer as the JSON text that leaves the wasm. */
export function previewText(wasm, host) {
  return wasm.resolve(host, "preview", PAYLOAD, CONTEXT);
}
