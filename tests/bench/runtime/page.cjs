// The page of `cargo xtask bench runtime`: pages of our own, put together until they have the wanted
// size, in the answer that Confluence's REST API v2 gives of a page. Each copy has other numbers in
// its text, so that none is the one before.

const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const ROOT = join(__dirname, "../../..");
const SOURCES = [
  "crates/content/tests/pages/guide.adf.json",
  "tests/bench/content/pages/plan.adf.json",
  "tests/site/incident-guide.adf.json",
  "tests/site/flexible-hours.adf.json",
];

/** The text of an ADF document of at least `bytes` bytes. */
function adf(bytes) {
  const pages = SOURCES.map((path) => JSON.parse(readFileSync(join(ROOT, path), "utf8")).content);
  const content = [];
  let length = 0;
  for (let round = 0; length < bytes; round += 1) {
    for (const block of pages[round % pages.length]) {
      if (length >= bytes) break;
      const text = JSON.stringify(block).replace(/"text":"/g, `"text":"${round}. `);
      content.push(text);
      length += text.length + 1;
    }
  }
  return `{"version":1,"type":"doc","content":[${content.join(",")}]}`;
}

/** The REST API's answer for a page with such a body, a JSON text. */
function pageAnswer(id, spaceId, bytes) {
  return JSON.stringify({
    id,
    status: "current",
    title: "How we work",
    spaceId,
    authorId: "5b10ac8d82e05b22cc7d4ef5",
    version: { number: 7, authorId: "5b10ac8d82e05b22cc7d4ef5", minorEdit: false },
    labels: { results: [{ id: "1", name: "guide", prefix: "global" }] },
    body: { atlas_doc_format: { value: adf(bytes), representation: "atlas_doc_format" } },
  });
}

module.exports = { pageAnswer };
