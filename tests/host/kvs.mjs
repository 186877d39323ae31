// Forge's key-value store and secret store, each in a JSON file of its own, with the rules that
// Atlassian documents for keys and values.

import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { depth } from "./limits.mjs";

const KEY = /^(?!\s+$)[a-zA-Z0-9:._\s-#]+$/;

const json = (status, value) => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});
const done = () => ({ status: 204, headers: {}, body: "" });
const refused = (code, message, status = 400) => json(status, { code, message });

/** A map that is written to `file` at each change; a crash leaves the old or the new one. */
class FileMap {
  #file;
  #values;

  constructor(file) {
    this.#file = file;
    const saved = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
    this.#values = new Map(Object.entries(saved));
  }

  get(key) {
    return this.#values.get(key);
  }

  entries() {
    return [...this.#values.entries()];
  }

  set(key, value) {
    this.#values.set(key, value);
    this.#write();
  }

  clear() {
    this.#values.clear();
    this.#write();
  }

  delete(key) {
    const was = this.#values.delete(key);
    if (was) this.#write();
    return was;
  }

  #write() {
    const next = `${this.#file}.next`;
    writeFileSync(next, JSON.stringify(Object.fromEntries(this.#values)));
    chmodSync(next, 0o600);
    renameSync(next, this.#file);
  }
}

/** The storage of one installation, kept in the folder `state`. */
export class Kvs {
  #values;
  #secrets;
  #limits;

  constructor(state, limits) {
    this.#values = new FileMap(join(state, "kvs.json"));
    this.#secrets = new FileMap(join(state, "secrets.json"));
    this.#limits = limits;
  }

  /** Every stored text, for tests that look for what must not be there. */
  dump() {
    return JSON.stringify([this.#values.entries(), this.#secrets.entries()]);
  }

  /** Forgets everything, as Forge does of an installation that is gone. */
  clear() {
    this.#values.clear();
    this.#secrets.clear();
  }

  /** Answers one request of `@forge/kvs`. */
  handle(path, body, granted) {
    if (!granted.has("storage:app")) {
      return refused("UNAUTHORIZED", "The app lacks the scope storage:app", 403);
    }
    const [, store, verb] = /^\/api\/v1\/(secret\/)?([a-z/]+)$/.exec(path) ?? [];
    const map = store ? this.#secrets : this.#values;
    switch (verb) {
      case "get":
        return this.#checkKey(body.key) ?? this.#get(map, body.key);
      case "set":
        return this.#checkKey(body.key) ?? this.#checkValue(body.value) ?? this.#set(map, body);
      case "delete":
        return this.#checkKey(body.key) ?? this.#delete(map, body.key);
      case "query":
        return this.#query(body);
      default:
        return refused("NOT_SUPPORTED", `The local host does not know ${path}`, 501);
    }
  }

  #checkKey(key) {
    if (typeof key !== "string" || key.length < 1) {
      return refused("KEY_TOO_SHORT", "Key length must be at least 1 character");
    }
    if (key.length > this.#limits.kvsKeyCharacters) {
      return refused("KEY_TOO_LONG", "Key length must be at most 500 characters");
    }
    return KEY.test(key) ? undefined : refused("INVALID_KEY", "Key does not match the pattern");
  }

  #checkValue(value) {
    if (value === undefined || value === null) {
      return refused("INVALID_VALUE", "Value must not be null or undefined");
    }
    if (Buffer.byteLength(JSON.stringify(value)) > this.#limits.kvsValueBytes) {
      return refused("MAX_SIZE", "Value exceeds 240 KiB");
    }
    return depth(value) > this.#limits.kvsDepth
      ? refused("MAX_DEPTH", "Value exceeds a depth of 31")
      : undefined;
  }

  #get(map, key) {
    const value = map.get(key);
    return value === undefined
      ? refused("KEY_NOT_FOUND", "Key not found", 404)
      : json(200, { key, value });
  }

  #set(map, { key, value, options }) {
    if (options?.keyPolicy === "FAIL_IF_EXISTS" && map.get(key) !== undefined) {
      return refused("KEY_ALREADY_EXISTS", "Key already exists", 409);
    }
    map.set(key, value);
    return done();
  }

  #delete(map, key) {
    return map.delete(key) ? done() : refused("KEY_NOT_FOUND", "Key not found", 404);
  }

  #query({ where = [], limit = 10, cursor }) {
    const prefix = where.find((it) => it.condition === "BEGINS_WITH")?.values[0] ?? "";
    const start = Number(cursor ?? 0);
    const found = this.#values
      .entries()
      .filter(([key]) => key.startsWith(prefix))
      .sort(([one], [other]) => (one < other ? -1 : 1));
    const data = found.slice(start, start + limit).map(([key, value]) => ({ key, value }));
    const next = start + limit < found.length ? String(start + limit) : undefined;
    return json(200, { data, cursor: next });
  }
}
