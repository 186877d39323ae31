// docs/marketplace.md is what docs/marketplace.json says, and each file and test that it names exists.
// UPDATE_DOCS=1 writes it anew.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DOCUMENT = join(ROOT, "docs/marketplace.md");
const listing = JSON.parse(readFileSync(join(ROOT, "docs/marketplace.json"), "utf8"));

/** Every source in which a test may stand: path and text. */
function* sources(folder) {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!["node_modules", "dist", "target", "fixtures"].includes(entry.name))
        yield* sources(path);
    } else if (
      /\.rs$|\.test\.(mjs|tsx?)$/.test(entry.name) &&
      !path.endsWith("marketplace.test.mjs")
    ) {
      yield { path, text: readFileSync(join(ROOT, path), "utf8") };
    }
  }
}

const files = ["crates", "tests", "static/src"].flatMap((folder) => [...sources(folder)]);

/** Where a test of that name is: a Rust function, or the title of a JavaScript test. */
function whereIs(name) {
  const marks = [`fn ${name}(`, `test("${name}"`];
  return files.find(({ text }) => marks.some((mark) => text.includes(mark)))?.path;
}

/** A file; of two, separated by `|`, the one that exists. */
const existing = (path) => path.split("|").find((one) => existsSync(join(ROOT, one)));

const link = (text, path) => `[${text}](../${path})`;

function requirement({ asked, answer, code, tests, open }) {
  const lines = [`**${asked}** ${answer}`.trim()];
  if (open) lines.push(`Open: ${open}.`);
  if (code.length) {
    lines.push(
      `Code: ${code.map((path) => link(`\`${existing(path)}\``, existing(path))).join(", ")}.`,
    );
  }
  if (tests.length) {
    lines.push(
      "Tests:",
      ...tests.map((name) => `  - ${link(name.replaceAll("_", "\\_"), whereIs(name))}`),
    );
  }
  return `- ${lines.join("\n  ")}`;
}

function facts(value, depth = 0) {
  return Object.entries(value).flatMap(([name, fact]) => {
    const at = "  ".repeat(depth);
    if (Array.isArray(fact)) {
      const items = fact.map((one) => (one.name ? `${one.name}: ${one.purpose}` : one));
      return [`${at}- ${name}:`, ...items.map((item) => `${at}  - ${item}`)];
    }
    if (typeof fact === "object") return [`${at}- ${name}:`, ...facts(fact, depth + 1)];
    return [`${at}- ${name}: ${fact === true ? "yes" : fact === false ? "no" : fact}`];
  });
}

function rendered() {
  const areas = Object.groupBy
    ? Object.groupBy(listing.requirements, ({ area }) => area)
    : listing.requirements.reduce((all, one) => {
        all[one.area] = [...(all[one.area] ?? []), one];
        return all;
      }, {});
  const sourceLinks = Object.entries(listing.sources).map(([name, url]) => `[${name}](${url})`);
  return [
    "# Marketplace",
    "",
    "<!-- Made of docs/marketplace.json: UPDATE_DOCS=1 node --test tests/e2e/marketplace.test.mjs -->",
    "",
    "What Atlassian asks of cloud apps, in our words, each point with the code that keeps it and the tests",
    "that show it; and the facts of the app's listing. What is not kept yet says so.",
    "",
    `After Atlassian's ${sourceLinks.join(" and ")}.`,
    "",
    "## Security requirements",
    ...Object.entries(areas).flatMap(([area, points]) => [
      "",
      `### ${area}`,
      "",
      ...points.map(requirement),
    ]),
    "",
    "## Privacy and security questionnaire",
    "",
    "By the names of Atlassian's form.",
    "",
    ...facts(listing.questionnaire),
    "",
  ].join("\n");
}

test("every file and test that the listing names exists", () => {
  for (const { asked, code, tests, open } of listing.requirements) {
    for (const path of code) assert.ok(existing(path), `${asked} ${path}`);
    for (const name of tests) assert.ok(whereIs(name), `${asked} ${name}`);
    // A point is shown by a test, or says that it is open.
    assert.ok(tests.length > 0 || open, asked);
  }
});

test("the listing's facts are those of the manifest", async () => {
  const { readManifest } = await import("../host/manifest.mjs");
  const { remotes, scopes } = readManifest(join(ROOT, "manifest.yml"));
  const { storage } = remotes.get("golpo-backend");
  const { appStoresEUDOutsideAtlassian } = listing.questionnaire.dataAccessAndStorage;
  assert.equal(storage.inScopeEUD, appStoresEUDOutsideAtlassian);
  const reads = scopes.filter((scope) => scope.startsWith("read:")).length;
  const words = ["no", "one", "two", "three", "four", "five", "six"];
  const { answer } = listing.requirements.find(({ asked }) => asked.includes("no more than"));
  assert.ok(answer.toLowerCase().startsWith(`${words[reads]} granular scopes`), answer);
});

test("docs/marketplace.md is what docs/marketplace.json says", () => {
  const now = rendered();
  if (process.env.UPDATE_DOCS) writeFileSync(DOCUMENT, now);
  const there = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, "utf8") : "";
  assert.equal(
    there,
    now,
    "UPDATE_DOCS=1 node --test tests/e2e/marketplace.test.mjs writes it anew",
  );
});
