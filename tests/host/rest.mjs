// Confluence's REST API, as far as the app calls it, with Atlassian's shapes of answers and errors.
// Every call is checked against the scopes that the installation was granted.

import { SPACE } from "./site.mjs";
import { userOf } from "./users.mjs";

const json = (status, value) => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

const v2Error = (status, code, title) =>
  json(status, { errors: [{ status, code, title, detail: null }] });

const FORMATS = new Set(["atlas_doc_format", "storage"]);
const KINDS = { pages: "page", blogposts: "blogpost" };

/** `{method, pattern, scope, handle}` of each call that the local site answers. */
const ROUTES = [
  {
    pattern: /^\/wiki\/api\/v2\/(pages|blogposts)\/([^/]+)$/,
    scope: "read:page:confluence",
    handle: onePage,
  },
  {
    pattern: /^\/wiki\/api\/v2\/(pages|blogposts)$/,
    scope: "read:page:confluence",
    handle: manyPages,
  },
  {
    pattern: /^\/wiki\/api\/v2\/(pages|blogposts)\/([^/]+)\/attachments$/,
    scope: "read:attachment:confluence",
    handle: manyAttachments,
  },
  {
    pattern: /^\/wiki\/rest\/api\/content\/(\d+)\/child\/attachment\/([^/]+)\/download$/,
    scope: "read:attachment:confluence",
    handle: oneAttachment,
  },
  {
    pattern: /^\/wiki\/api\/v2\/spaces\/([^/]+)$/,
    scope: "read:space:confluence",
    handle: oneSpace,
  },
  {
    pattern: /^\/wiki\/rest\/api\/user\/current$/,
    scope: "read:content-details:confluence",
    handle: currentUser,
  },
];

/** Answers one call. `provider` is `user` or `app`, `userKey` the one who uses the app, if any. */
export function confluenceRest({ site, siteUrl, granted }, { provider, userKey, method, path }) {
  const url = new URL(path, siteUrl);
  const who = provider === "user" ? userOf(userKey) : provider === "app" ? { key: "app" } : null;
  // On behalf of those without access to Confluence, nothing is answered.
  if (!who || who.accountType) {
    const headers = { "forge-proxy-error": "NEEDS_AUTHENTICATION_ERR" };
    return { status: 401, headers, body: "" };
  }
  for (const { pattern, scope, handle } of ROUTES) {
    const match = pattern.exec(url.pathname);
    if (!match) continue;
    if (method !== "GET") return v2Error(405, "METHOD_NOT_ALLOWED", "Method Not Allowed");
    if (!granted.has(scope)) {
      return json(401, { code: 401, message: "Unauthorized; scope does not match" });
    }
    return handle({ site, siteUrl, who, url, match });
  }
  return v2Error(404, "NOT_FOUND", "Not Found");
}

function onePage({ site, siteUrl, who, url, match }) {
  const [, plural, id] = match;
  if (!/^\d+$/.test(id)) {
    const title = `Provided value {${id}} for 'id' is not the correct type. Expected type is long`;
    return v2Error(400, "INVALID_REQUEST_PARAMETER", title);
  }
  const format = url.searchParams.get("body-format");
  if (format !== null && !FORMATS.has(format)) {
    const title = `Provided value {${format}} for 'body-format' is not the correct type. Expected type is ContentBodyRepresentation`;
    return v2Error(400, "INVALID_REQUEST_PARAMETER", title);
  }
  const page = site.visible(id, who);
  if (page?.type !== KINDS[plural]) return v2Error(404, "NOT_FOUND", "Not Found");
  const labelled = url.searchParams.get("include-labels") === "true";
  return json(200, {
    ...summary(page, siteUrl),
    body: body(page, format),
    ...(labelled ? { labels: labels(page, siteUrl) } : {}),
  });
}

function labels(page, siteUrl) {
  const results = (page.labels ?? []).map((name, index) => ({
    id: String(2_000_000 + index),
    name,
    prefix: "global",
  }));
  const self = `${siteUrl}/wiki/api/v2/${page.type}s/${page.id}/labels`;
  return { results, meta: { hasMore: false, cursor: "" }, _links: { self } };
}

function oneSpace({ siteUrl, match }) {
  const [, id] = match;
  if (!/^\d+$/.test(id)) {
    const title = `Provided value {${id}} for 'id' is not the correct type. Expected type is long`;
    return v2Error(400, "INVALID_REQUEST_PARAMETER", title);
  }
  if (id !== SPACE.id) return v2Error(404, "NOT_FOUND", "Not Found");
  return json(200, {
    ...SPACE,
    type: "global",
    status: "current",
    authorId: "557058:2468ace0-1234-4aaa-8bbb-cccdddeee001",
    createdAt: "2024-01-08T08:00:00.000Z",
    homepageId: null,
    description: null,
    icon: null,
    _links: { webui: `/spaces/${SPACE.key}`, base: `${siteUrl}/wiki` },
  });
}

function manyPages({ site, siteUrl, who, url, match }) {
  const limit = Number(url.searchParams.get("limit") ?? 25);
  if (!Number.isInteger(limit) || limit < 1 || limit > 250) {
    return v2Error(400, "INVALID_REQUEST_PARAMETER", "limit must be between 1 and 250");
  }
  const ids = url.searchParams.getAll("id").flatMap((list) => list.split(","));
  const start = Number(url.searchParams.get("cursor") ?? 0);
  const found = site
    .all()
    .filter((page) => page.type === KINDS[match[1]] && site.visible(page.id, who))
    .filter((page) => ids.length === 0 || ids.includes(page.id));
  const links = { base: `${siteUrl}/wiki` };
  if (start + limit < found.length) {
    const next = new URL(url);
    next.searchParams.set("cursor", String(start + limit));
    links.next = `${next.pathname}${next.search}`;
  }
  const results = found.slice(start, start + limit);
  return json(200, {
    results: results.map((page) => ({ ...summary(page, siteUrl), body: {} })),
    _links: links,
  });
}

function manyAttachments({ site, siteUrl, who, url, match }) {
  const limit = Number(url.searchParams.get("limit") ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > 250) {
    return v2Error(400, "INVALID_REQUEST_PARAMETER", "limit must be between 1 and 250");
  }
  const [, plural, id] = match;
  const page = site.visible(id, who);
  if (page?.type !== KINDS[plural]) return v2Error(404, "NOT_FOUND", "Not Found");
  const start = Number(url.searchParams.get("cursor") ?? 0);
  const links = { base: `${siteUrl}/wiki` };
  if (start + limit < page.attachments.length) {
    const next = new URL(url);
    next.searchParams.set("cursor", String(start + limit));
    links.next = `${next.pathname}${next.search}`;
  }
  const results = page.attachments.slice(start, start + limit).map((file) => ({
    id: file.id,
    status: "current",
    title: file.name,
    createdAt: page.createdAt,
    pageId: page.id,
    mediaType: file.mediaType,
    comment: "",
    fileSize: file.bytes.length,
    downloadLink: `/download/attachments/${page.id}/${encodeURIComponent(file.name)}`,
    version: { number: 1, createdAt: page.createdAt, message: "", authorId: page.authorId },
  }));
  return json(200, { results, _links: links });
}

// Atlassian redirects to an address that holds the bytes; whoever follows sees what is here.
function oneAttachment({ site, who, match }) {
  const [, pageId, id] = match;
  const file = site.visible(pageId, who)?.attachments.find((it) => it.id === id);
  if (!file) return json(404, { statusCode: 404, message: "No attachment found" });
  return { status: 200, headers: { "content-type": file.mediaType }, body: file.bytes };
}

function body(page, format) {
  if (format === "atlas_doc_format" && page.adf) {
    const representation = "atlas_doc_format";
    return { atlas_doc_format: { value: JSON.stringify(page.adf), representation } };
  }
  if (format === "storage" && page.storage !== undefined) {
    return { storage: { value: page.storage, representation: "storage" } };
  }
  return {};
}

function summary(page, siteUrl) {
  const { id, type, title, authorId, ownerId, createdAt, version } = page;
  const webui = pagePath(page);
  return {
    parentType: type === "page" ? null : undefined,
    parentId: type === "page" ? null : undefined,
    position: type === "page" ? Number(id) % 1000 : undefined,
    id,
    status: "current",
    title,
    spaceId: SPACE.id,
    authorId,
    ownerId,
    lastOwnerId: null,
    createdAt,
    version: { ...version, minorEdit: false },
    _links: {
      editui: `/pages/resumedraft.action?draftId=${id}`,
      webui,
      tinyui: `/x/${Number(id).toString(36)}`,
      base: `${siteUrl}/wiki`,
    },
  };
}

/** A page's address below `/wiki`. */
export function pagePath(page) {
  const slug = encodeURIComponent(page.title).replaceAll("%20", "+");
  return page.type === "blogpost"
    ? `/spaces/${SPACE.key}/blog/${page.id}/${slug}`
    : `/spaces/${SPACE.key}/pages/${page.id}/${slug}`;
}

function currentUser({ siteUrl, who, url }) {
  const operations = [{ operation: "use", targetType: "application" }];
  if (who.isAdmin) operations.push({ operation: "administer", targetType: "application" });
  const expanded = (url.searchParams.get("expand") ?? "").split(",").includes("operations");
  return json(200, {
    type: "known",
    accountId: who.accountId,
    accountType: who.key === "app" ? "app" : "atlassian",
    email: who.email ?? "",
    publicName: who.displayName,
    displayName: who.displayName,
    isExternalCollaborator: false,
    ...(expanded ? { operations } : {}),
    _expandable: { ...(expanded ? {} : { operations: "" }), personalSpace: "" },
    _links: { self: `${siteUrl}/wiki/rest/api/user?accountId=${who.accountId}` },
  });
}
