// The pages of the local site, read from tests/site: one NAME.json of what Confluence knows of a
// page, its body beside it as NAME.adf.json or NAME.storage.xml, and its files, if any, as
// NAME.attachments.json, whose bytes files.mjs makes.

import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf } from "./files.mjs";

export const SPACE = Object.freeze({ id: "9830514726", key: "ENG", name: "Engineering handbook" });

/** All pages and blog posts of a folder, and who may read which. */
export function readSite(folder) {
  const pages = new Map();
  const names = readdirSync(folder).filter(
    (name) => name.endsWith(".json") && !/\.(adf|attachments)\.json$/.test(name),
  );
  for (const name of names) {
    const page = JSON.parse(readFileSync(join(folder, name), "utf8"));
    const stem = join(folder, name.slice(0, -".json".length));
    const adf = `${stem}.adf.json`;
    const storage = `${stem}.storage.xml`;
    page.adf = existsSync(adf) ? JSON.parse(readFileSync(adf, "utf8")) : undefined;
    const files = `${stem}.attachments.json`;
    const described = existsSync(files) ? JSON.parse(readFileSync(files, "utf8")) : [];
    page.attachments = described.map((file) => ({ ...file, bytes: bytesOf(file) }));
    page.storage = existsSync(storage) ? readFileSync(storage, "utf8") : undefined;
    pages.set(page.id, page);
  }
  return {
    /** Every page and blog post, in the order of their ids. */
    all: () => [...pages.values()].sort((one, other) => Number(one.id) - Number(other.id)),
    /** The page of an id as `user` may see it; undefined too where they may not. */
    visible(id, user) {
      const page = pages.get(String(id));
      return page && mayRead(page, user) ? page : undefined;
    },
    /** Restricts a page to the users of these keys, or opens it to all. */
    restrict(id, readers) {
      pages.get(String(id)).readers = readers;
    },
    /**
     * A new version of a page, as if someone had saved it: the editor gives its nodes new local ids.
     * `edit` gets a copy of the body, ADF or storage format, and gives what is saved.
     */
    publish(id, edit = (body) => body) {
      const page = pages.get(String(id));
      if (page.adf) page.adf = edit(withNewIds(structuredClone(page.adf)));
      else page.storage = edit(page.storage);
      page.version = { ...page.version, number: page.version.number + 1 };
      return page.version.number;
    },
  };
}

/** Restrictions name users by key; the app's own user, `app`, is one of them if named. */
export function mayRead(page, user) {
  return !page.readers || page.readers.includes(user.key);
}

/** Node types that the editor gives local ids. */
const WITH_LOCAL_ID = new Set(["paragraph", "heading", "table", "codeBlock", "panel", "expand"]);

function withNewIds(node) {
  if (WITH_LOCAL_ID.has(node.type) || node.attrs?.localId !== undefined) {
    node.attrs = { ...node.attrs, localId: randomUUID() };
  }
  for (const child of node.content ?? []) withNewIds(child);
  return node;
}
