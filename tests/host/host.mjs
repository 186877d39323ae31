// Starts the local Confluence host: the site with its bridge, and the Custom UI's own origin.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cookies, readBody, redirect, send, sendHtml, sendJson, serve } from "./http.mjs";
import { homeView, moduleView, notFoundView, pageView } from "./pages.mjs";
import { createPlatform } from "./platform.mjs";
import { pagePath } from "./rest.mjs";
import { createUi } from "./ui.mjs";
import { USERS, userOf } from "./users.mjs";

const SITE_FOLDER = fileURLToPath(new URL("../site", import.meta.url));
const ASSETS = {
  "/assets/site.css": "text/css; charset=utf-8",
  "/assets/site.js": "text/javascript; charset=utf-8",
};

/**
 * Starts the host. Options: `app` and `ui` (folders), `manifest` (file), `backend` (URL), `state`
 * (folder), `port`, `uiPort`, `withoutScopes`; for tests also `site`, `limits`, `faults`, `log`.
 * Gives `{site, ui, jwks, audience, platform, stop}`.
 */
export async function startHost(options) {
  const { app, ui, manifest, backend, state, port = 0, uiPort = 0, withoutScopes } = options;
  const log = options.log ?? ((level, line) => process.stderr.write(`[app ${level}] ${line}\n`));
  const platform = await createPlatform({
    app,
    manifestFile: manifest,
    siteFolder: options.site ?? SITE_FOLDER,
    backend,
    state,
    withoutScopes,
    limits: options.limits,
    faults: options.faults,
    log,
  });
  const report = (line) => log("error", line);
  const macros = macroStore(join(state, "macros.json"));
  let siteUrl = "";
  const uiHandler = createUi({
    folder: ui,
    manifest: platform.manifest,
    backend,
    site: () => siteUrl,
  });
  const uiServer = await serve(uiPort, uiHandler, report);
  const siteHandler = createSite({ platform, macros, uiOrigin: uiServer.url });
  const siteServer = await serve(port, siteHandler, report);
  siteUrl = siteServer.url;
  platform.servedAt(siteUrl);
  return {
    site: siteUrl,
    ui: uiServer.url,
    jwks: `${siteUrl}/.well-known/jwks.json`,
    audience: platform.manifest.appId,
    platform,
    async stop() {
      await platform.stop();
      await Promise.all([siteServer.stop(), uiServer.stop()]);
    },
  };
}

/** What people chose in a macro's configuration, kept in a file. */
function macroStore(file) {
  const values = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  return {
    get: (localId) => values[localId],
    set(localId, config) {
      values[localId] = config;
      writeFileSync(file, JSON.stringify(values));
    },
  };
}

function createSite({ platform, macros, uiOrigin }) {
  const { manifest, site } = platform;
  const [library] = manifest.ofType("confluence:globalPage");
  const policy = `default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-src ${uiOrigin}; object-src 'none'; base-uri 'none'; frame-ancestors 'none'`;
  const html = (body, status) => sendHtml(body, status, { "content-security-policy": policy });

  return async (request, url) => {
    const path = url.pathname;
    // Tests name the user in the address; a person's choice is in a cookie.
    const userKey = url.searchParams.get("user") ?? cookies(request)["local-user"] ?? "admin";
    const user = userOf(userKey) ?? USERS.admin;
    const locale = url.searchParams.get("locale") ?? cookies(request)["local-locale"] ?? "en-US";
    const view = { manifest: manifest.in(locale), site, user, uiOrigin };
    if (request.method === "POST") return post(path, await readBody(request), user, locale);
    if (request.method !== "GET" && request.method !== "HEAD") return undefined;

    if (path === "/") return redirect("/wiki/home");
    if (path === "/.well-known/jwks.json") return sendJson(platform.jwks);
    if (Object.hasOwn(ASSETS, path)) {
      const text = readFileSync(new URL(`.${path}`, import.meta.url), "utf8");
      return send(200, ASSETS[path], text, { "cache-control": "no-store" });
    }
    const remember = [
      ...(url.searchParams.has("user") ? [cookie("local-user", user.key)] : []),
      ...(url.searchParams.has("locale") ? [cookie("local-locale", locale)] : []),
    ];
    const page = await get(path, view);
    return page && { ...page, headers: { ...page.headers, "set-cookie": remember } };
  };

  function get(path, view) {
    if (path === "/wiki/home") return html(homeView(view));
    if (path === `/wiki/apps/${library.route}`) {
      return html(moduleView(view, view.manifest.module(library.key), path));
    }
    const [, adminKey] = /^\/wiki\/admin\/([\w-]+)$/.exec(path) ?? [];
    const settings = view.manifest.module(adminKey);
    // Confluence shows no link to plain users, but the address works: the app has to refuse.
    if (settings?.type === "confluence:globalSettings") {
      return html(moduleView(view, settings, path));
    }
    const [, moduleKey] = /^\/wiki\/modules\/([\w-]+)$/.exec(path) ?? [];
    if (moduleKey === library.key) return redirect(`/wiki/apps/${library.route}`);
    if (manifest.module(moduleKey)?.type === "confluence:globalSettings") {
      return redirect(`/wiki/admin/${moduleKey}`);
    }
    const [, id] = /^\/wiki\/(?:spaces\/\w+\/)?(?:pages|blog)\/(\d+)(?:\/.*)?$/.exec(path) ?? [];
    if (!id) return undefined;
    const page = site.visible(id, view.user);
    if (!page) return html(notFoundView(view), 404);
    if (!path.startsWith("/wiki/spaces/")) return redirect(`/wiki${pagePath(page)}`);
    return html(pageView(view, page, macros.get));
  }

  async function post(path, text, user, locale) {
    if (path === "/switch-user") {
      const chosen = userOf(new URLSearchParams(text).get("user")) ?? user;
      return redirect("/wiki/home", { "set-cookie": cookie("local-user", chosen.key) });
    }
    const body = JSON.parse(text);
    const spot = {
      userKey: body.user ?? user.key,
      locale,
      moduleKey: body.module,
      contentId: body.content,
      extension: body.extension,
    };
    switch (path) {
      case "/bridge/invoke": {
        const { functionKey, payload } = body;
        const answer = await refusing(platform.invoke({ ...spot, functionKey, payload }));
        if (answer.error) return answer.error;
        const value = answer.value === undefined ? "" : `"value":${answer.value}`;
        return send(200, "application/json", `{${value}}`);
      }
      case "/bridge/context":
        return sendJson(platform.contextOf(spot));
      case "/bridge/byline":
        return sendJson(await platform.byline(spot));
      case "/bridge/macro-config":
        macros.set(body.localId, body.config);
        return sendJson({});
      default:
        return undefined;
    }
  }
}

const cookie = (name, value) =>
  `${name}=${encodeURIComponent(value)}; Path=/; SameSite=Lax; HttpOnly`;

/** An invocation's failure, as the answer that the bridge turns into an exception. */
async function refusing(invocation) {
  try {
    return { value: await invocation };
  } catch (error) {
    const message = `There was an error invoking the function - ${error.message}`;
    return { error: sendJson({ error: { message } }, error.status ?? 500) };
  }
}
