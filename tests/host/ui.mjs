// The origin that the Custom UI is served from: its files, the bridge in its page, and the Content
// Security Policy that follows from the manifest's permissions.

import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join, normalize, sep } from "node:path";
import { send } from "./http.mjs";
import { origins } from "./manifest.mjs";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".json": "application/json",
  ".map": "application/json",
};

/** Forge's policy: the app's own files, and of other hosts only what the manifest declares. */
export function contentSecurityPolicy({ manifest, backend, siteUrl }) {
  // The one host that is elsewhere in a local set-up: the remote's.
  const elsewhere = new Map(
    [...manifest.remotes.values()].map((it) => [
      new URL(it.baseUrl).origin,
      new URL(backend).origin,
    ]),
  );
  const hosts = (entries) =>
    origins(entries, manifest.remotes).map((origin) => elsewhere.get(origin) ?? origin);
  const inline = (entries) => (entries ?? []).map((entry) => `'${entry}'`);
  const { external, content } = manifest;
  const directives = {
    "default-src": ["'self'"],
    "script-src": ["'self'", ...inline(content.scripts), ...hosts(external.scripts)],
    "style-src": ["'self'", ...inline(content.styles), ...hosts(external.styles)],
    "img-src": ["'self'", "data:", "blob:", ...hosts(external.images)],
    "media-src": ["'self'", "data:", "blob:", ...hosts(external.media)],
    "font-src": ["'self'", "data:", ...hosts(external.fonts)],
    "connect-src": ["'self'", ...hosts(external.fetch?.client)],
    "frame-src": ["'self'", ...hosts(external.frames)],
    "frame-ancestors": [siteUrl],
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
  };
  return Object.entries(directives)
    .map(([name, values]) => `${name} ${[...new Set(values)].join(" ")}`)
    .join("; ");
}

/** Answers requests of the Custom UI's origin. `site()` is the address of the site around it. */
export function createUi({ folder, manifest, backend, site }) {
  const bridge = readFileSync(new URL("./assets/bridge.js", import.meta.url), "utf8");
  const theme = designTokens();
  const headers = () => ({
    "content-security-policy": contentSecurityPolicy({ manifest, backend, siteUrl: site() }),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
  });
  return (request, url) => {
    if (request.method !== "GET" && request.method !== "HEAD") return undefined;
    if (url.pathname === "/__host/bridge.js") {
      return send(200, TYPES[".js"], bridge.replace("__SITE_ORIGIN__", site()), headers());
    }
    if (url.pathname === "/__host/theme.css") return send(200, TYPES[".css"], theme, headers());
    if (!isFile(join(folder, "index.html"))) {
      return send(503, "text/plain", "The Custom UI is not built: run `cargo xtask build`.");
    }
    const name = url.pathname === "/" ? "index.html" : decodeURIComponent(url.pathname.slice(1));
    const file = normalize(join(folder, name));
    if (!file.startsWith(normalize(folder) + sep) || !isFile(file)) return undefined;
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    if (name !== "index.html") return send(200, type, readFileSync(file), headers());
    // Before any script of the app: @forge/bridge looks for `__bridge` when it is loaded.
    const page = readFileSync(file, "utf8").replace(
      /<head[^>]*>/i,
      (head) => `${head}<script src="/__host/bridge.js"></script>`,
    );
    return send(200, type, page, headers());
  };
}

function isFile(file) {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Atlassian's design tokens for light and dark, which Forge puts into a frame that asks for them. */
function designTokens() {
  const require = createRequire(import.meta.url);
  const names = ["atlassian-light", "atlassian-dark", "atlassian-spacing", "atlassian-shape"];
  return names
    .map((name) => require(`@atlaskit/tokens/dist/cjs/artifacts/themes/${name}.js`).default)
    .join("\n");
}
