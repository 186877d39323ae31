// The site's pages as HTML: what a person sees of Confluence around the app.

import { adfToHtml, escapeHtml, storageToHtml } from "./body.mjs";
import { pagePath } from "./rest.mjs";
import { SPACE } from "./site.mjs";
import { USERS } from "./users.mjs";

const json = (value) => JSON.stringify(value).replaceAll("<", "\\u003c");

function shell({ title, user, main, wide, manifest, site, current, uiOrigin, content }) {
  const [library] = manifest.ofType("confluence:globalPage");
  const [settings] = manifest.ofType("confluence:globalSettings");
  const at = (path) => (current === path ? ' aria-current="page"' : "");
  const libraryPath = `/wiki/apps/${library.route}`;
  const settingsPath = `/wiki/admin/${settings.key}`;
  const admin = user.isAdmin
    ? `<a href="${settingsPath}"${at(settingsPath)}>Settings: ${escapeHtml(settings.title)}</a>`
    : "";
  const pages = (type) =>
    site
      .all()
      .filter((page) => page.type === type && site.visible(page.id, user))
      .map((page) => {
        const path = `/wiki${pagePath(page)}`;
        return `<li><a href="${escapeHtml(path)}"${at(page.id)}>${escapeHtml(page.title)}</a></li>`;
      })
      .join("");
  const users = Object.values(USERS)
    .map(({ key, displayName, isAdmin }) => {
      const chosen = key === user.key ? " selected" : "";
      const role = isAdmin ? "administrator" : "user";
      return `<option value="${key}"${chosen}>${escapeHtml(displayName)} (${role})</option>`;
    })
    .join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} - ${escapeHtml(SPACE.name)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/site.css">
<script type="application/json" id="host-config">${json({ uiOrigin, content })}</script>
<script type="module" src="/assets/site.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
  <a class="name" href="/wiki/home">Local Confluence</a>
  <nav aria-label="Site">
    <a href="/wiki/home"${at("home")}>Home</a>
    <a href="${libraryPath}"${at(libraryPath)}>Apps: ${escapeHtml(library.title)}</a>
    ${admin}
  </nav>
  <form method="post" action="/switch-user">
    <label for="user-switch">Signed in as</label>
    <select id="user-switch" name="user">${users}</select>
    <noscript><button>Switch</button></noscript>
  </form>
</header>
<div class="layout">
<nav class="space" aria-label="Space">
  <h2>${escapeHtml(SPACE.name)}</h2>
  <h3>Pages</h3><ul>${pages("page")}</ul>
  <h3>Blog</h3><ul>${pages("blogpost")}</ul>
</nav>
<main id="main"${wide ? ' class="wide"' : ""}>${main}</main>
</div>
<div id="flags" role="status" aria-live="polite" popover="manual"></div>
</body>
</html>`;
}

/** A page or blog post, with the app's byline item, action, selection menu and macros. */
export function pageView(view, page, macroConfig) {
  const { manifest } = view;
  const open = (module, text) =>
    `<button type="button" data-open-module="${module.key}" data-title="${escapeHtml(module.title)}" data-size="${module.viewportSize ?? "large"}">${text}</button>`;
  const actions = manifest
    .ofType("confluence:contentAction")
    .map((module) => open(module, escapeHtml(module.title)))
    .join("");
  const bylines = manifest
    .ofType("confluence:contentBylineItem")
    .map((module) =>
      open(module, escapeHtml(module.title)).replace(
        "<button ",
        '<button id="byline-app" class="link" ',
      ),
    )
    .join(" · ");
  const selection = manifest
    .ofType("confluence:contextMenu")
    .map(
      (module) =>
        `<button type="button" data-context-module="${module.key}" data-title="${escapeHtml(module.title)}" data-size="${module.viewportSize ?? "large"}">${escapeHtml(module.title)}</button>`,
    )
    .join("");
  const macro = (node) => {
    const key = String(node.attrs.extensionKey).split("/").at(-1);
    const module = manifest.module(key);
    if (module?.type !== "macro") return "";
    const { localId } = node.attrs;
    const config = macroConfig(localId) ?? node.attrs.parameters?.guestParams ?? {};
    return `<div class="macro"><div class="tools"><button type="button" data-configure>Configure ${escapeHtml(module.title)}</button></div>
<div data-frame-module="${module.key}" data-title="${escapeHtml(module.title)}" data-local-id="${escapeHtml(localId)}" data-config="${escapeHtml(JSON.stringify(config))}"></div></div>`;
  };
  const body = page.adf ? adfToHtml(page.adf, macro) : storageToHtml(page.storage ?? "");
  const main = `<div class="title-row"><h1>${escapeHtml(page.title)}</h1>
<div class="menu-place">
<button type="button" popovertarget="more-actions" aria-label="More actions" aria-haspopup="true">…</button>
<div id="more-actions" class="menu" popover>${actions}</div>
</div></div>
<div class="byline"><span>By ${escapeHtml(page.authorName)}</span><span>·</span><span>${escapeHtml(page.version.createdAt.slice(0, 10))}</span><span>·</span><span>version ${page.version.number}</span><span>·</span>${bylines}</div>
<article class="page" id="page-body">${body}</article>
<div id="selection-menu" class="menu" role="toolbar" aria-label="Selected text" hidden>${selection}</div>`;
  return shell({ ...view, title: page.title, main, current: page.id, content: page.id });
}

/** A page filled by one of the app's modules: the library, the settings. */
export function moduleView(view, module, path) {
  const main = `<div class="title-row"><h1>${escapeHtml(module.title)}</h1></div>
<div class="full" data-frame-module="${module.key}" data-title="${escapeHtml(module.title)}"></div>`;
  return shell({ ...view, title: module.title, main, wide: true, current: path });
}

/** The list of what the user may read. */
export function homeView(view) {
  const { site, user } = view;
  const items = site
    .all()
    .filter((page) => site.visible(page.id, user))
    .map(
      (page) =>
        `<li><a href="${escapeHtml(`/wiki${pagePath(page)}`)}">${escapeHtml(page.title)}</a></li>`,
    )
    .join("");
  const main = `<h1>${escapeHtml(SPACE.name)}</h1><p>A local site with invented people. Open a page, then choose “…” and “Create video with Golpo AI”.</p><ul>${items}</ul>`;
  return shell({ ...view, title: "Home", main, current: "home" });
}

/** What Confluence shows for a page that is not there or not theirs to see. */
export function notFoundView(view) {
  const main = `<h1>We couldn't find what you're looking for</h1><p>The page may have been moved or deleted, or you may not have permission to view it.</p>`;
  return shell({ ...view, title: "Page not found", main });
}
