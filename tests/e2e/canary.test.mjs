// The canary run: one site, on which every kind of data of docs/data-map.md is a marker that stands
// nowhere else, is used as people use it. Whatever can be looked into is looked into at each step, and
// each marker may be found only where the map says so, and must be found wherever the map says that
// it lies readable.

import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { SPACE } from "../host/site.mjs";
import { USERS } from "../host/users.mjs";
import { encodings, filesBelow, found, readDataMap, searchIn } from "./canary.mjs";
import { startAll } from "./harness.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SITE = fileURLToPath(new URL("fixtures/canary", import.meta.url));
const RUN_MS = 240_000;

const PAGE = "917364025";
const SELECTION = "The zwåbblemeadow is mown in June.";
const WRITTEN =
  "The snørkelpavilion is closed. Quibblewhisk, xq.whisk@canary-mail.example, 557058:ca9a41e5-7777-4bbb-8ccc-dddeeefff042.";
const API_KEY = "golpo-canary-7Kq2vX9mR4tW8zB3nL6pJ1sD5fH0";

/** The markers of each kind that is known before the run; `look` adds those that the run brings. */
const MARKERS = {
  "page-text": ["quørnlamplight"],
  "page-title": ["Vørpalgantry"],
  selection: ["zwåbblemeadow"],
  "attachment-text": ["flømmoxbarrel"],
  script: ["snørkelpavilion"],
  "page-fingerprint": [],
  "person-name": ["Xanthøppe", "Quibblewhisk"],
  "account-id": ["557058:ca9a41e5-7777-4bbb-8ccc-dddeeefff042"],
  "email-address": ["xq.whisk@canary-mail.example"],
  principal: Object.values(USERS).flatMap((it) => [it.accountId, it.displayName, it.email]),
  "api-key": [API_KEY],
  "api-key-fingerprint": [],
  "invocation-token": [],
  "signed-address": [],
  "page-id": [PAGE],
  "space-id": [SPACE.id],
  "cloud-id": [],
  video: [],
};

/** Kinds that are themselves the hash of something: `hash` says that they may stand there. */
const HASHES = ["page-fingerprint", "api-key-fingerprint"];

/** Not looked for: it tells nothing of anybody. */
const NOT_SECRET = ["error-code"];

/** Memory, which is not looked into; and what the engine makes, which is looked at as a video. */
const UNSEEN_PLACES = ["resolver", "backend-memory"];

/** Where the map says `raw`, and this run does not bring it there. */
const NOT_IN_THIS_RUN = new Set([
  "engine api-key: the local engine takes none",
  "engine video: what it makes, and not what it is given",
]);
const isInThisRun = (place, kind) =>
  ![...NOT_IN_THIS_RUN].some((it) => it.startsWith(`${place} ${kind}:`));

const map = readDataMap(readFileSync(join(ROOT, "docs/data-map.md"), "utf8"));
const ok = (answer) => {
  assert.ok(answer.ok !== undefined, JSON.stringify(answer.error));
  return answer.ok;
};

/** What a collector of traces is sent. */
async function startCollector() {
  const bodies = [];
  const server = createServer((request, response) => {
    const parts = [Buffer.from(JSON.stringify([request.url, request.headers]))];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      bodies.push(Buffer.concat(parts));
      response.end();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, bodies, stop: () => server.close() };
}

/** A speech program that keeps what it is asked to say, and has espeak-ng say it. */
function recordSpeech(folder) {
  const kept = join(folder, "said");
  mkdirSync(kept);
  const real = process.env.PATH.split(delimiter)
    .map((it) => join(it, "espeak-ng"))
    .find((it) => {
      try {
        return readFileSync(it).length > 0;
      } catch {
        return false;
      }
    });
  assert.ok(real, "espeak-ng is needed: run `cargo xtask setup`.");
  const words = [
    "#!/bin/sh",
    "PATH=/usr/bin:/bin",
    `said=$(mktemp '${kept}/XXXXXXXX')`,
    "for word; do",
    '  printf \'%s\\n\' "$word" >>"$said"',
    '  if [ -f "$word" ]; then cat "$word" >>"$said"; fi',
    "done",
    `exec '${real}' "$@"`,
    "",
  ].join("\n");
  const program = join(folder, "say");
  writeFileSync(program, words);
  chmodSync(program, 0o700);
  return { kept, command: `"${program}" -f {text-file} -w {output}` };
}

describe("the canary run", () => {
  const markers = new Map(Object.entries(MARKERS).map(([kind, texts]) => [kind, new Set(texts)]));
  /** `place kind` to the places and ways in which its markers were found. */
  const sightings = new Map();
  /** By place and content, the markers that were looked for in it. */
  const searched = new Map();
  /** What the browser was given and gave, and what was answered to bad requests. */
  const browser = [];
  const refusals = [];
  let folder;
  let speech;
  let collector;
  let all;
  let metrics = "";

  const know = (kind, ...texts) => {
    for (const text of texts) markers.get(kind).add(text);
  };

  /** All that can be looked into, by place: `[what, bytes]`. */
  function places() {
    const { requests } = all.platform.remotes;
    const calls = requests.flatMap(({ method, path, headers, body, answer }, at) => {
      const { authorization, ...rest } = headers;
      const json = JSON.stringify([method, path, rest, body ?? "", answer ?? ""]);
      return [
        ["request", `${method} ${at}`, json],
        ["request", `${method} ${at}`, body ?? ""],
        ["request", `${method} ${at}`, answer?.body ?? ""],
        ["token", `${method} ${at}`, authorization],
        ["token", `${method} ${at}`, Buffer.from(authorization.split(".")[1], "base64url")],
      ];
    });
    const stored = filesBelow(all.folder).map(([path, bytes]) => {
      const name = relative(all.folder, path);
      if (name.startsWith("objects/")) return ["objects", name, bytes];
      if (name === "host/secrets.json") return ["forge-secret", name, bytes];
      return [name.startsWith("host/") ? "forge-kvs" : "database", name, bytes];
    });
    return [
      ...calls,
      ...stored,
      ...filesBelow(speech.kept).map(([path, bytes]) => ["engine", path, bytes]),
      ...browser.map((text) => ["browser", "an answer", text]),
      ...refusals.map((text) => ["refusal", "an answer", text]),
      ["log", "of the app", all.logs.join("\n")],
      ["log", "of the backend", all.backendLog()],
      ["metrics", "/metrics", metrics],
      ...collector.bodies.map((bytes) => ["traces", "a batch", bytes]),
    ].map(([place, what, content]) => [place, what, Buffer.from(content)]);
  }

  /** Looks everywhere for everything. */
  async function look() {
    const scraped = await fetch(`${all.backend}/metrics`).catch(() => undefined);
    metrics += (await scraped?.text()) ?? "";
    for (const { headers } of all.platform.remotes.requests) {
      know("invocation-token", headers.authorization.split(".")[2]);
    }
    for (const [place, what, bytes] of places()) {
      const content = `${place} ${what} ${createHash("sha256").update(bytes).digest("hex")}`;
      if (!searched.has(content)) searched.set(content, new Set());
      const done = searched.get(content);
      let find;
      for (const [kind, texts] of markers) {
        for (const text of texts) {
          if (done.has(text)) continue;
          done.add(text);
          find ??= searchIn(bytes);
          const ways = find(text);
          if (ways.length === 0) continue;
          const key = `${place} ${kind}`;
          if (!sightings.has(key)) sightings.set(key, new Set());
          sightings.get(key).add(`${what} (${ways.join(", ")})`);
        }
      }
    }
  }

  async function ask(operation, payload, where) {
    browser.push(JSON.stringify(payload ?? {}));
    const answer = await all.ask(operation, payload, { page: PAGE, ...where });
    browser.push(JSON.stringify(answer));
    return answer;
  }

  /** Makes a video and waits for it, looking all the while. */
  async function make(preview, script) {
    const { pageVersion, fingerprint } = preview;
    know("page-fingerprint", fingerprint);
    const made = ok(
      await ask("createVideo", {
        pageId: PAGE,
        pageVersion,
        script,
        sourceFingerprint: fingerprint,
        requestId: randomUUID(),
      }),
    );
    const deadline = Date.now() + RUN_MS / 3;
    for (;;) {
      await look();
      const status = ok(await ask("videoStatus", { videoId: made.id }));
      assert.notEqual(status.video.state, "failed", JSON.stringify(status.video));
      if (status.media) return status.media;
      assert.ok(Date.now() < deadline, "the video took too long");
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  /** Fetches what a signed address leads to, as the browser does. */
  async function fetched(address) {
    const url = new URL(address);
    const secret = [...url.searchParams.values(), ...url.pathname.split("/")].filter(
      (it) => it.length > 30 && !/^[0-9a-f-]{36}$/.test(it),
    );
    assert.ok(secret.length > 0, "a signed address has something secret in it");
    know("signed-address", ...secret);
    const response = await fetch(url);
    assert.equal(response.status, 200);
    const bytes = Buffer.from(await response.arrayBuffer());
    browser.push(bytes);
    return bytes;
  }

  /** Requests that no honest app makes, each with markers in it. */
  async function refuse() {
    const texts = [...markers.values()].flatMap((it) => [...it].slice(0, 2));
    const [{ headers }] = all.platform.remotes.requests;
    const authorization = headers.authorization;
    for (const text of texts) {
      const encoded = encodeURIComponent(text);
      const body = JSON.stringify({ pageId: text, [text]: text, requestId: text });
      const calls = [
        [`/v1/videos/${encoded}`, {}],
        [`/v1/videos?pageId=${encoded}&${encoded}=1`, { headers: { authorization } }],
        [`/media/${encoded}`, {}],
        [`/${encoded}`, { method: "DELETE" }],
        ["/v1/videos", { method: "POST", headers: { authorization: `Bearer ${encoded}` }, body }],
        ["/v1/videos", { method: "POST", headers: { authorization }, body }],
        ["/v1/videos", { method: "POST", headers: { authorization }, body: `{"${text}` }],
        ["/v1/api-key", { method: "PUT", headers: { authorization }, body }],
      ];
      for (const [path, init] of calls) {
        const response = await fetch(`${all.backend}${path}`, init);
        const answer = `${JSON.stringify([...response.headers])}\n${await response.text()}`;
        if (response.status >= 400) refusals.push(answer);
        // A number that may be a page's id and a true token make no bad request.
        else assert.match(path, /^\/v1\/videos\?pageId=\d+&\d+=1$/);
      }
    }
  }

  /** The app's own failures, each while it holds markers. */
  async function fail() {
    const script = { title: "Vørpalgantry", sections: [{ heading: "", text: WRITTEN }] };
    const payloads = [
      ["preview", { pageId: "quørnlamplight" }],
      ["preview", { pageId: PAGE, selection: SELECTION, attachmentIds: ["flømmoxbarrel"] }],
      ["createVideo", { pageId: PAGE, script, quørnlamplight: 1 }],
      ["saveApiKey", { apiKey: `${API_KEY} quørnlamplight` }, { user: "admin" }],
      ["saveApiKey", { apiKey: API_KEY }],
      ["videoStatus", { videoId: "Quibblewhisk" }],
      ["quørnlamplight", {}],
    ];
    for (const [operation, payload, where] of payloads) {
      const answer = await ask(operation, payload, where);
      assert.ok(answer.error, operation);
    }
    for (const fault of ["confluenceStatus", "storageStatus", "tokenAgeSeconds"]) {
      all.faults[fault] = fault === "tokenAgeSeconds" ? 7200 : 500;
      await ask("preview", { pageId: PAGE, selection: SELECTION });
      await ask("saveApiKey", { apiKey: API_KEY }, { user: "admin" });
      await ask("createVideo", {
        pageId: PAGE,
        pageVersion: 3,
        script,
        sourceFingerprint: null,
        requestId: randomUUID(),
      });
      delete all.faults[fault];
    }
  }

  before(
    async () => {
      folder = mkdtempSync(join(tmpdir(), "golpo-canary-"));
      speech = recordSpeech(folder);
      collector = await startCollector();
      const flags = ["--otlp-endpoint", collector.url, "--speech-command", speech.command];
      all = await startAll({ siteFolder: SITE, requireApiKey: true, flags });
      know(
        "cloud-id",
        all.platform.contextOf({ userKey: "user", moduleKey: "golpo-content-action" }).cloudId,
      );

      const admin = { user: "admin", module: "golpo-settings" };
      const saved = ok(await ask("saveApiKey", { apiKey: API_KEY }, admin));
      know("api-key-fingerprint", saved.site.apiKey.fingerprint);
      ok(await ask("settings", {}, admin));
      const spot = JSON.stringify({ module: "golpo-content-action", content: PAGE });
      const context = await fetch(`${all.site}/bridge/context`, { method: "POST", body: spot });
      browser.push(await context.text());
      ok(await ask("context", {}));
      ok(await ask("listAttachments", { pageId: PAGE }));
      await look();

      const preview = ok(await ask("preview", { pageId: PAGE, attachmentIds: ["att81001"] }));
      const script = structuredClone(preview.script);
      script.sections.at(-1).text += `\n${WRITTEN}`;
      const media = await make(preview, script);
      const video = await fetched(media.videoUrl);
      // Bytes from the middle of the compressed pictures and sound.
      know("video", video.subarray(video.length >> 1, (video.length >> 1) + 40));
      await fetched(media.captionsUrl);
      await fetched(media.posterUrl);

      const where = { module: "golpo-context-menu", extension: { selectedText: SELECTION } };
      ok(await ask("context", {}, where));
      const part = ok(await ask("preview", { pageId: PAGE, selection: SELECTION }, where));
      await fetched((await make(part, part.script)).videoUrl);
      ok(await ask("listVideos", { pageId: PAGE }));
      const byline = { method: "POST", body: JSON.stringify({ content: PAGE }) };
      browser.push(await (await fetch(`${all.site}/bridge/byline`, byline)).text());
      // The byline's number is written by later looks at the page's videos, some time apart.
      const deadline = Date.now() + RUN_MS / 4;
      do {
        await new Promise((resolve) => setTimeout(resolve, 500));
        await look();
      } while (!sightings.has("forge-kvs page-fingerprint") && Date.now() < deadline);

      await fail();
      await refuse();
      ok(await ask("removeApiKey", {}, admin));
      await look();
      await all.stopBackend();
      // The last spans are sent at the end.
      await look();
      for (const [place, what, bytes] of places()) {
        if (place !== "database" && place !== "forge-secret") continue;
        const ways = found(bytes, API_KEY);
        assert.deepEqual(ways, [], `the removed API key is still in ${what}`);
      }
    },
    { timeout: RUN_MS },
  );
  after(async () => {
    await all?.stop();
    collector?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  test("each way to write a marker is found, and only where one stands", () => {
    const texts = [...markers.values()].flatMap((it) => [...it]);
    assert.ok(texts.length > 20);
    for (const text of texts) {
      for (const { name, bytes } of encodings(text)) {
        const buried = Buffer.concat([Buffer.from("\0x{"), bytes, Buffer.from("\0zz")]);
        assert.ok(found(buried, text).includes(name), `${name} of ${text}`);
      }
      const packed = Buffer.concat([Buffer.from(".."), Buffer.from(text), Buffer.from("..")]);
      const written = Buffer.from(packed.toString("base64url"));
      assert.ok(found(written, text).includes("base64"), String(text));
      assert.deepEqual(found(Buffer.from("nothing of the kind"), text), []);
    }
  });

  test("every kind of the map has markers, every place is looked into or said not to be", () => {
    const kinds = [...map.forms.keys()].filter((kind) => !NOT_SECRET.includes(kind));
    assert.deepEqual([...markers.keys()], kinds);
    for (const [kind, texts] of markers) assert.ok(texts.size > 0, `${kind} has no marker`);
    const seen = new Set(places().map(([place]) => place));
    const expected = map.places.filter((place) => !UNSEEN_PLACES.includes(place));
    for (const place of expected) assert.ok(seen.has(place), `${place} was not looked into`);
  });

  test("P7 P8 P9 P11 P13 P14 nothing is found where the data map does not let it be", () => {
    const wrong = [];
    for (const [kind, forms] of map.forms) {
      for (const [place, form] of forms) {
        const isFree = form === "raw" || (form === "hash" && HASHES.includes(kind));
        const seen = sightings.get(`${place} ${kind}`);
        if (seen && !isFree) wrong.push(`${kind} in ${place} (${form}): ${[...seen].join("; ")}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  test("the data map lets nothing be where it is not", () => {
    const wrong = [];
    for (const [kind, forms] of map.forms) {
      if (NOT_SECRET.includes(kind)) continue;
      for (const [place, form] of forms) {
        if (UNSEEN_PLACES.includes(place) || !isInThisRun(place, kind)) continue;
        const at = form === "token" ? "token" : place;
        const isExpected =
          form === "raw" || form === "token" || (form === "hash" && HASHES.includes(kind));
        if (isExpected && !sightings.has(`${at} ${kind}`)) wrong.push(`${kind} in ${place}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  test("P13 no refusal tells anything of what was sent", () => {
    assert.ok(refusals.length > 100);
    const told = [...sightings].filter(([key]) => key.startsWith("refusal "));
    assert.deepEqual(told, []);
  });

  test("what was found is printed", (t) => {
    const rows = [...map.forms.keys()].filter((kind) => markers.has(kind));
    const columns = map.places.filter((place) => !UNSEEN_PLACES.includes(place));
    const cell = (kind, place) => (sightings.has(`${place} ${kind}`) ? "found" : "·");
    const wide = Math.max(...rows.map((kind) => kind.length));
    const lines = rows.map((kind) => {
      const cells = columns.map((place) => cell(kind, place).padStart(Math.max(5, place.length)));
      return `${kind.padEnd(wide)}  ${cells.join("  ")}`;
    });
    const head = columns.map((place) => place.padStart(Math.max(5, place.length))).join("  ");
    for (const line of [`${"".padEnd(wide)}  ${head}`, ...lines]) t.diagnostic(line);
    assert.ok(sightings.size > rows.length);
  });
});
