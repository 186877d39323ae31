// What the canary run looks with: the ways in which a text may be written down, a search for all of
// them, and the data map that says what may be found where.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const hexes = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));

/** The part of a base64 text that a marker alone decides, where `before` bytes stand in front of it. */
function base64(bytes, before) {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
  const start = Math.ceil((before * 8) / 6);
  return text.slice(start, Math.floor(((before + bytes.length) * 8) / 6));
}

const escaped = (text, isPlain, written) =>
  [...text].map((it) => (isPlain(it) ? it : written(it))).join("");
const isAscii = (character) => character.codePointAt(0) < 128;
const jsonEscape = (character) =>
  [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
    .join("");

/** Each way to write `marker`, a text or bytes: `{name, bytes, anyCase}`. */
export function encodings(marker) {
  const bytes = Buffer.from(marker);
  const all = typeof marker === "string" ? textual(marker) : [];
  all.push(
    { name: "percent", text: `%${hexes(bytes).join("%")}`, anyCase: true },
    { name: "hex", text: hexes(bytes).join(""), anyCase: true },
    { name: "bytes", text: bytes.join(","), anyCase: false },
    { name: "bytes", text: bytes.join(", "), anyCase: false },
  );
  for (const before of [0, 1, 2]) {
    const text = base64(bytes, before);
    const forAddresses = text.replaceAll("+", "-").replaceAll("/", "_");
    all.push({ name: "base64", text, anyCase: false });
    all.push({ name: "base64", text: forAddresses, anyCase: false });
  }
  const ways = all.map(({ name, text, anyCase }) => ({ name, bytes: Buffer.from(text), anyCase }));
  if (typeof marker !== "string") return [{ name: "raw", bytes, anyCase: false }, ...ways];
  const wide = Buffer.from(marker, "utf16le");
  ways.push({ name: "UTF-16", bytes: wide, anyCase: false });
  ways.push({ name: "UTF-16", bytes: Buffer.from(wide).swap16(), anyCase: false });
  return ways;
}

/** The ways that only a text has. */
function textual(marker) {
  return [
    { name: "raw", text: marker, anyCase: true },
    { name: "NFD", text: marker.normalize("NFD"), anyCase: true },
    { name: "percent", text: encodeURIComponent(marker), anyCase: true },
    { name: "JSON", text: JSON.stringify(marker).slice(1, -1), anyCase: true },
    { name: "JSON", text: escaped(marker, isAscii, jsonEscape), anyCase: true },
    { name: "JSON", text: escaped(marker, () => false, jsonEscape), anyCase: true },
  ];
}

/** Bytes as a text of one character each, in which a search is quick; letters as small ones. */
const lowered = (bytes) => bytes.toString("latin1").toLowerCase();

const needles = new Map();

/** What to look for of a marker, made once. */
function needlesOf(marker) {
  if (!needles.has(marker)) {
    const all = encodings(marker).map(({ name, bytes, anyCase }) => ({
      name,
      anyCase,
      text: anyCase ? lowered(bytes) : bytes.toString("latin1"),
    }));
    needles.set(marker, all);
  }
  return needles.get(marker);
}

/** A search in these bytes: gives the names of the ways in which a marker stands in them. */
export function searchIn(bytes) {
  const exact = bytes.toString("latin1");
  const lower = exact.toLowerCase();
  return (marker) => {
    const ways = needlesOf(marker).filter(({ text, anyCase }) =>
      (anyCase ? lower : exact).includes(text),
    );
    return [...new Set(ways.map((way) => way.name))];
  };
}

/** The same for one marker alone. */
export const found = (bytes, marker) => searchIn(bytes)(marker);

/** Every file below a folder, as `[path, bytes]`; a file that goes away meanwhile is left out. */
export function filesBelow(folder) {
  let names;
  try {
    names = readdirSync(folder, { withFileTypes: true, recursive: true });
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
  const files = names.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
  return files.flatMap((path) => {
    try {
      return [[path, readFileSync(path)]];
    } catch (error) {
      if (error.code === "ENOENT") return [];
      throw error;
    }
  });
}

/** The first table of docs/data-map.md: `{places, forms}`, forms by kind and then by place. */
export function readDataMap(markdown) {
  const rows = markdown
    .split("\n## ")[0]
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| --"))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
  const [[, ...places], ...kinds] = rows;
  const forms = new Map(
    kinds.map(([kind, ...cells]) => [kind, new Map(places.map((place, at) => [place, cells[at]]))]),
  );
  return { places, forms };
}
