// The platform around one installation of the app: who calls it from where, which limits hold, and
// where its calls go. Everything but HTTP and HTML.

import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { Events } from "./events.mjs";
import { createSigner } from "./fit.mjs";
import { Kvs } from "./kvs.mjs";
import { LIMITS, MinuteWindow } from "./limits.mjs";
import { origins, readManifest } from "./manifest.mjs";
import { Remotes } from "./remote.mjs";
import { confluenceRest, pagePath } from "./rest.mjs";
import { Runtime } from "./runtime.mjs";
import { readSite, SPACE } from "./site.mjs";
import { userOf } from "./users.mjs";

const CLOUD_ID = "3f2b8f0a-6d2e-4a7c-9c51-0a1d7a6f4e21";
const INSTALLATION_ID = "ari:cloud:ecosystem::installation/8c1f4f57-2f0e-4f86-8a53-66d0b1c0a7de";
const ENVIRONMENT_ID = "c2a5a0b8-52c9-4a37-b7c7-2c0df5d8a911";

/** A refusal of the platform, with the words that the bridge passes on. */
export class PlatformError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** See main.mjs for the options; `limits`, `faults` and `license` are there for tests. */
export async function createPlatform(options) {
  const { app, manifestFile, siteFolder, backend, state, withoutScopes = [], log } = options;
  const limits = { ...LIMITS, ...options.limits };
  const faults = options.faults ?? {};
  mkdirSync(state, { recursive: true });
  const manifest = readManifest(manifestFile);
  const scopes = manifest.scopes.filter((scope) => !withoutScopes.includes(scope));
  const granted = new Set(scopes);
  /** What an administrator's consent to an update, or its withdrawal, makes of the scopes. */
  const setScope = (scope, isGranted) => {
    granted[isGranted ? "add" : "delete"](scope);
    scopes.splice(0, scopes.length, ...granted);
  };
  const site = readSite(siteFolder);
  const kvs = new Kvs(state, limits);
  const installation = {
    id: INSTALLATION_ID,
    appVersion: "1.0.0",
    environmentId: `ari:cloud:ecosystem::environment/${manifest.appId.split("/")[1]}/${ENVIRONMENT_ID}`,
    environmentType: "DEVELOPMENT",
    apiBaseUrl: `https://api.atlassian.com/ex/confluence/${CLOUD_ID}`,
    // Forge says one of paid apps in production alone.
    license: options.license,
  };
  const signer = await createSigner({ appId: manifest.appId, installation });
  const remotes = new Remotes({ backend, signer, remotes: manifest.remotes, faults });
  const perUser = new MinuteWindow(limits.invocationsPerMinutePerUser);
  const perInstallation = new MinuteWindow(limits.invocationsPerMinutePerInstallation);
  let siteUrl = "http://localhost";

  const runtime = new Runtime({
    app,
    limits,
    memoryMb: manifest.memoryMb,
    egress: origins(manifest.external.fetch?.backend, manifest.remotes),
    log,
    appContext: {
      appId: manifest.appId.split("/")[1],
      appVersion: installation.appVersion,
      environmentId: ENVIRONMENT_ID,
      environmentType: installation.environmentType,
      installationId: INSTALLATION_ID.split("/")[1],
    },
    serve,
  });

  const events = new Events({
    manifest,
    limits,
    faults,
    report: (line) => log("error", line),
    deliver: consume,
  });

  async function serve(target, path, init, invocation) {
    if (target.type === "kvs" && faults.storageStatus) {
      const body = JSON.stringify({ code: "UNAVAILABLE", message: "storage is out of order" });
      const headers = { "content-type": "application/json" };
      return { status: faults.storageStatus, headers, body };
    }
    if (target.type === "kvs") return kvs.handle(path, JSON.parse(init.body), granted);
    if (target.type === "frc") {
      invocation.egress = (invocation.egress ?? 0) + 1;
      if (invocation.egress > limits.egressRequestsPerInvocation) {
        return { status: 429, headers: { "forge-proxy-error": "RATE_LIMITED" }, body: "" };
      }
      return remotes.call(target.remote, path, init, invocation);
    }
    if (target.type === "fpp" && target.remote === "stargate")
      return events.handle(path, init.body);
    if (target.type === "fpp" && target.remote === "confluence") {
      if (faults.confluenceStatus) {
        return { status: faults.confluenceStatus, headers: {}, body: "{}" };
      }
      const method = init.method ?? "GET";
      const call = { provider: target.provider, userKey: invocation.userKey, method, path };
      return confluenceRest({ site, siteUrl, granted }, call);
    }
    return { status: 400, headers: { "forge-proxy-error": "INVALID_REMOTE" }, body: "" };
  }

  /** Forge's context of a module as `user` sees it; what the bridge's `getContext` answers. */
  function contextOf({ userKey, moduleKey, contentId, extension = {}, locale = "en-US" }) {
    const user = userOf(userKey);
    if (!user) throw new PlatformError(400, `There is no user ${userKey}`);
    const module = manifest.module(moduleKey);
    if (!module) throw new PlatformError(400, `manifest.yml declares no module ${moduleKey}`);
    const place = { type: module.type };
    if (contentId !== undefined && contentId !== null) {
      const page = site.visible(contentId, user);
      // Confluence renders no module on a page that the user may not see, but a hand-made request
      // can still name it: the id is passed on and the app has to cope.
      place.content = { id: String(contentId), type: page?.type ?? "page", subtype: null };
      place.space = { id: SPACE.id, key: SPACE.key };
      if (page) place.location = `${siteUrl}/wiki${pagePath(page)}`;
    }
    return {
      accountId: user.accountId,
      accountType: user.accountType ?? "licensed",
      cloudId: CLOUD_ID,
      siteUrl,
      moduleKey,
      localId: randomUUID(),
      environmentId: ENVIRONMENT_ID,
      environmentType: installation.environmentType,
      locale,
      timezone: "Etc/UTC",
      extension: { ...extension, ...place },
      permissions: { scopes, external: manifest.external },
    };
  }

  const forgeContext = (principal) => ({
    principal: principal ? { accountId: principal } : undefined,
    installContext: `ari:cloud:confluence::site/${CLOUD_ID}`,
    license: installation.license,
    installation: {
      ari: { installationId: installation.id },
      contexts: [{ cloudId: CLOUD_ID, workspaceId: CLOUD_ID }],
    },
  });

  function countInvocation(userKey) {
    const free = perUser.take(userKey) && perInstallation.take("all");
    if (!free) throw new PlatformError(429, "Rate limit exceeded: too many invocations per minute");
  }

  /** One `invoke` of the bridge. Gives the answer's JSON text, or undefined for none. */
  async function invoke({ userKey, moduleKey, contentId, extension, functionKey, payload }) {
    const call = { functionKey, payload };
    if (Buffer.byteLength(JSON.stringify(call)) > limits.frontEndRequestBytes) {
      throw new PlatformError(413, "The request payload is larger than 500KB");
    }
    const full = contextOf({ userKey, moduleKey, contentId, extension });
    countInvocation(userKey);
    const module = manifest.module(moduleKey);
    // Permissions are on the runtime, not in the resolver's context.
    const { permissions: _, locale: __, timezone: ___, ...context } = full;
    const handler = manifest.handler(module.resolver.function);
    const args = [{ call, context }, forgeContext(context.accountId)];
    const answer = await run(handler, args, { context, module, userKey }, limits.invocationSeconds);
    if (answer !== undefined && Buffer.byteLength(answer) > limits.frontEndResponseBytes) {
      throw new PlatformError(413, "The response payload is larger than 5MB");
    }
    return answer;
  }

  /** The byline's properties: those of the manifest, overlaid by what the app's function gives. */
  async function byline({ userKey, contentId, locale }) {
    const [module] = manifest.in(locale).ofType("confluence:contentBylineItem");
    const properties = { title: module.title, tooltip: module.tooltip };
    const context = contextOf({ userKey, moduleKey: module.key, contentId });
    countInvocation(userKey);
    const { cloudId, localId, extension } = context;
    const handler = manifest.handler(module.dynamicProperties.function);
    const args = [{ cloudId, localId, extension }, forgeContext(context.accountId)];
    const invocation = { context, module, userKey };
    try {
      const answer = await run(handler, args, invocation, limits.invocationSeconds);
      return { ...properties, ...JSON.parse(answer ?? "{}") };
    } catch (error) {
      log("error", `byline: ${error.message}`);
      return properties;
    }
  }

  async function consume(consumer, event) {
    const handler = manifest.handler(consumer.function);
    const seconds = handler.timeoutSeconds ?? limits.consumerSeconds;
    const context = { cloudId: CLOUD_ID, siteUrl, moduleKey: consumer.key };
    const invocation = { context, module: { key: consumer.key, type: "core:consumer" } };
    await run(handler, [event, forgeContext()], invocation, seconds);
  }

  /** Uninstalls the app: its function is told, however that ends, and its storage is gone. */
  async function uninstall() {
    for (const module of manifest.ofType("preUninstall")) {
      const handler = manifest.handler(module.function);
      const seconds = handler.timeoutSeconds ?? limits.consumerSeconds;
      const context = { cloudId: CLOUD_ID, siteUrl, moduleKey: module.key };
      const payload = { context: { cloudId: CLOUD_ID, moduleKey: module.key } };
      const invocation = { context, module: { key: module.key, type: "core:preUninstall" } };
      try {
        await run(handler, [payload, forgeContext()], invocation, seconds);
      } catch (error) {
        log("error", `${module.key}: ${error.message}`);
      }
    }
    events.stop();
    kvs.clear();
  }

  /** Installs it again: another installation of the same site. */
  function install() {
    installation.id = `ari:cloud:ecosystem::installation/${randomUUID()}`;
  }

  function run(handler, args, { context, module, userKey }, seconds) {
    const principal = userKey && context.accountId;
    // The token says where a call comes from, not what is on the page.
    const { cloudId, moduleKey, localId, extension } = context;
    const { type, content, space } = extension ?? {};
    const place = extension && { type, content, space };
    const claimed = { cloudId, siteUrl, moduleKey, localId, extension: place };
    const { external } = manifest;
    const invocation = { context: claimed, module, userKey, principal, scopes, external };
    return runtime.invoke(handler, args, invocation, seconds * 1000);
  }

  return {
    manifest,
    site,
    kvs,
    remotes,
    runtime,
    installation,
    faults,
    jwks: signer.jwks,
    contextOf,
    invoke,
    byline,
    grant: (scope) => setScope(scope, true),
    revoke: (scope) => setScope(scope, false),
    uninstall,
    install,
    /** Tells the platform at which address it is served. */
    servedAt: (url) => {
      siteUrl = url;
    },
    async stop() {
      events.stop();
      await runtime.stop();
    },
  };
}
