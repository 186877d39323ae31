// manifest.yml as the platform reads it: modules, functions, scopes, hosts.

import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** What the host needs of the manifest in `file`. */
export function readManifest(file) {
  const raw = parse(readFileSync(file, "utf8"));
  const modules = Object.entries(raw.modules).flatMap(([type, list]) =>
    list.map((module) => ({ ...module, type })),
  );
  const byKey = new Map(modules.map((module) => [module.key, module]));
  const functionKeys = new Map(raw.modules.function.map((it) => [it.key, it]));
  const consumers = raw.modules.consumer ?? [];
  return {
    appId: raw.app.id,
    memoryMb: raw.app.runtime.memoryMB ?? 512,
    scopes: raw.permissions?.scopes ?? [],
    external: raw.permissions?.external ?? {},
    content: raw.permissions?.content ?? {},
    remotes: new Map((raw.remotes ?? []).map((remote) => [remote.key, remote])),
    modules,
    /** The module of a key. */
    module: (key) => byKey.get(key),
    /** The modules of a kind, such as `confluence:contentAction`. */
    ofType: (type) => modules.filter((module) => module.type === type),
    /** File and export of a function: `golpo.resolver` is `resolver` of golpo.cjs. */
    handler(functionKey) {
      const found = functionKeys.get(functionKey);
      if (!found) throw new Error(`manifest.yml declares no function ${functionKey}`);
      const [file, name] = found.handler.split(".");
      return { file: `${file}.cjs`, name, timeoutSeconds: found.timeoutSeconds };
    },
    consumerOf: (queue) => consumers.find((consumer) => consumer.queue === queue),
  };
}

/** The origins of a list of egress entries, each of them an address or a remote's key. */
export function origins(entries, remotes) {
  return (entries ?? []).map((entry) => {
    const address =
      typeof entry === "string" ? entry : (entry.address ?? remotes.get(entry.remote).baseUrl);
    return new URL(address.includes("://") ? address : `https://${address}`).origin;
  });
}
