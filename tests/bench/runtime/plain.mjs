// The peer of `cargo xtask bench runtime`: a `preview` as one would write it in plain JavaScript, on the
// same @forge packages. It reads the page and its space's name, takes mentions out, lets adf-to-md
// write the text, and gives sections with their length, removals and a fingerprint.
//
// What it leaves out, and ours does: people in plain text (by the names that mentions tell, in e-mail
// addresses, behind labels), people macros and links to people; storage format; words as they are
// spoken; the page's language, and words instead of people in it; labels; cutting to a length; warnings;
// files; edits; checks of what comes in, of scopes and of sizes. So it is a lower bound of the work.

import { createHash } from "node:crypto";
import { asUser, route } from "@forge/api";
import { makeResolver } from "@forge/resolver";
import { convert } from "adf-to-md";

const WORDS_PER_SECOND = 150 / 60;

/** A node without the people in it; counts them. */
function withoutPeople(node, count) {
  if (node.type === "mention") {
    count.mentions += 1;
    return { type: "text", text: "someone" };
  }
  if (!node.content) return node;
  return { ...node, content: node.content.map((child) => withoutPeople(child, count)) };
}

/** Sections of a Markdown text, each with its heading. */
function sectionsOf(markdown) {
  const sections = [{ heading: "", text: "" }];
  for (const line of markdown.split("\n")) {
    const heading = /^#{1,6} +(.*)$/.exec(line);
    if (heading) sections.push({ heading: heading[1], text: "" });
    else sections.at(-1).text += `${line}\n`;
  }
  return sections.filter(({ heading, text }) => heading || text.trim());
}

async function read(path) {
  const response = await asUser().requestConfluence(path);
  if (!response.ok) throw new Error(`Confluence answered ${response.status}`);
  return response.json();
}

async function preview({ payload, context }) {
  const [page, space] = await Promise.all([
    read(
      route`/wiki/api/v2/pages/${payload.pageId}?body-format=atlas_doc_format&include-labels=true`,
    ),
    read(route`/wiki/api/v2/spaces/${context.extension.space.id}`),
  ]);
  const count = { mentions: 0 };
  const document = withoutPeople(JSON.parse(page.body.atlas_doc_format.value), count);
  const markdown = convert(document).result;
  const sections = sectionsOf(markdown);
  const words = sections.map(({ text }) => text.split(/\s+/).filter(Boolean).length);
  const sum = words.reduce((one, other) => one + other, 0);
  return {
    ok: {
      pageId: payload.pageId,
      pageVersion: page.version.number,
      fingerprint: createHash("sha256").update(markdown).digest("hex"),
      removals: [{ kind: "mention", count: count.mentions }],
      script: { title: `${space.name}: ${page.title}`, sections },
      sections: words.map((it) => ({ words: it, seconds: Math.ceil(it / WORDS_PER_SECOND) })),
      words: sum,
      estimatedSeconds: Math.ceil(sum / WORDS_PER_SECOND),
    },
  };
}

export const resolver = makeResolver({ preview });
