// manifest.yml as the platform reads it: modules, functions, scopes, hosts.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";

/** What the host needs of the manifest in `file`, its modules named in the language of `locale`. */
export function readManifest(file, locale) {
  const raw = parse(readFileSync(file, "utf8"));
  const say = translator(raw.translations, dirname(file), locale);
  const modules = Object.entries(raw.modules).flatMap(([type, list]) =>
    list.map((module) => ({ ...say(module), type })),
  );
  const others = new Map();
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
    /** The same manifest for people who read another language. */
    in(other) {
      if (!others.has(other)) others.set(other, readManifest(file, other));
      return others.get(other);
    },
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

/** Puts words in the place of `{i18n: KEY}`, as Forge does: the locale's own, or the fallback's. */
function translator(translations, folder, locale) {
  const { resources = [], fallback } = translations ?? {};
  const texts = [locale, ...(fallback?.[locale] ?? []), fallback?.default]
    .map((key) => resources.find((resource) => resource.key === key))
    .filter(Boolean)
    .map(({ path }) => JSON.parse(readFileSync(join(folder, path), "utf8")));
  const lookUp = (key) => {
    for (const text of texts) {
      const found = text[key] ?? key.split(".").reduce((part, name) => part?.[name], text);
      if (typeof found === "string") return found;
    }
    throw new Error(`no translation of ${key}`);
  };
  const say = (value) => {
    if (Array.isArray(value)) return value.map(say);
    if (typeof value !== "object" || value === null) return value;
    if (typeof value.i18n === "string") return lookUp(value.i18n);
    return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, say(it)]));
  };
  return say;
}

/** The origins of a list of egress entries, each of them an address or a remote's key. */
export function origins(entries, remotes) {
  return (entries ?? []).map((entry) => {
    const address =
      typeof entry === "string" ? entry : (entry.address ?? remotes.get(entry.remote).baseUrl);
    return new URL(address.includes("://") ? address : `https://${address}`).origin;
  });
}
