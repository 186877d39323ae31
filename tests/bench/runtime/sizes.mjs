// What a wasm module is made of: bytes of code by crate, module or function, and of data.
//   node tests/bench/runtime/sizes.mjs MODULE [crate|module|function] [COUNT]
// MODULE is the compiler's, which has names still: TARGET/wasm32-unknown-unknown/wasm/app_wasm.wasm.
// Code that was inlined counts where it went to; generic code counts for the crate that it is written in.

import { readFileSync } from "node:fs";

const [file, depth = "crate", count = "30"] = process.argv.slice(2);
const bytes = readFileSync(file);

/** Reads LEB128 numbers, names and bytes from a place on. */
class Cursor {
  constructor(at) {
    this.at = at;
  }
  byte() {
    return bytes[this.at++];
  }
  number() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }
  name() {
    const length = this.number();
    this.at += length;
    return bytes.toString("utf8", this.at - length, this.at);
  }
}

/** How many functions are imported: they have the first indices, and no code. */
function importedFunctions(cursor) {
  let functions = 0;
  for (let left = cursor.number(); left > 0; left -= 1) {
    cursor.name();
    cursor.name();
    const kind = cursor.byte();
    if (kind === 0) {
      functions += 1;
      cursor.number();
    } else if (kind === 3) {
      cursor.at += 2;
    } else {
      if (kind === 1) cursor.byte();
      const hasMost = cursor.byte() & 1;
      cursor.number();
      if (hasMost) cursor.number();
    }
  }
  return functions;
}

function functionNames(cursor, end) {
  const names = new Map();
  while (cursor.at < end) {
    const kind = cursor.byte();
    const next = cursor.number() + cursor.at;
    if (kind === 1) {
      for (let left = cursor.number(); left > 0; left -= 1)
        names.set(cursor.number(), cursor.name());
    }
    cursor.at = next;
  }
  return names;
}

/** The identifiers of a name of rustc's newer scheme, in which each stands behind its length. */
function identifiers(name) {
  const found = [];
  for (let at = 2; at < name.length; ) {
    const [digits] = /^[1-9]\d*/.exec(name.slice(at)) ?? [""];
    const start = at + digits.length + (name[at + digits.length] === "_" ? 1 : 0);
    const text = name.slice(start, start + Number(digits));
    if (digits && text.length === Number(digits) && /^[a-z_]\w*$/i.test(text)) {
      found.push(text);
      at = start + text.length;
    } else {
      at += 1;
    }
  }
  return found;
}

/** A mangled name as a path, of both of rustc's schemes. */
function readable(name) {
  if (name.startsWith("_R"))
    return identifiers(name.replace(/[Cs][a-zA-Z0-9]{10,12}_/g, "")).join("::");
  if (!name.startsWith("_ZN")) return name;
  let rest = name.slice(3);
  const parts = [];
  for (let length = Number.parseInt(rest, 10); length > 0; length = Number.parseInt(rest, 10)) {
    const start = String(length).length;
    parts.push(rest.slice(start, start + length));
    rest = rest.slice(start + length);
  }
  const signs = { LT: "<", GT: ">", RF: "&", BP: "*", C: ",", LP: "(", RP: ")" };
  return parts
    .filter((part) => !/^h[0-9a-f]{16}$/.test(part))
    .join("::")
    .replace(/\$u([0-9a-f]{2})\$/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)))
    .replace(/\$([A-Z]+)\$/g, (all, sign) => signs[sign] ?? all)
    .replaceAll("..", "::");
}

function group(name) {
  if (depth === "function") return name;
  const path = /[a-z][a-z_0-9]*(?:::[a-z_0-9]+)?/i.exec(name)?.[0] ?? name;
  return depth === "crate" ? path.split("::")[0] : path;
}

let imported = 0;
let names = new Map();
const bodies = [];
const sections = { code: 0, data: 0 };
for (const cursor = new Cursor(8); cursor.at < bytes.length; ) {
  const id = cursor.byte();
  const end = cursor.number() + cursor.at;
  if (id === 2) imported = importedFunctions(cursor);
  if (id === 10) {
    sections.code = end - cursor.at;
    for (let left = cursor.number(); left > 0; left -= 1) {
      const length = cursor.number();
      bodies.push(length);
      cursor.at += length;
    }
  }
  if (id === 11) sections.data = end - cursor.at;
  if (id === 0 && cursor.name() === "name") names = functionNames(cursor, end);
  cursor.at = end;
}

const groups = new Map();
for (const [index, length] of bodies.entries()) {
  const key = group(readable(names.get(imported + index) ?? "without a name"));
  groups.set(key, (groups.get(key) ?? 0) + length);
}
const lines = [...groups].sort((one, other) => other[1] - one[1]).slice(0, Number(count));
process.stdout.write(`${sections.code} code, ${sections.data} data\n`);
for (const [key, length] of lines) process.stdout.write(`${String(length).padStart(8)}  ${key}\n`);
