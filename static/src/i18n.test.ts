// Every language says everything, and nothing that is not said anywhere stands in its file.

import { afterEach, describe, expect, test } from "vitest";
import { bytes, date, language, month, number } from "./format";
import { languageOf, type Plural } from "./i18n";
import { chooseLanguage, messages } from "./messages";

const files = import.meta.glob<Record<string, unknown>>("./locales/*.json", {
  eager: true,
  import: "default",
});
const sources = import.meta.glob<string>(["./**/*.{ts,tsx}", "!./**/*.test.*", "!./test/*"], {
  eager: true,
  query: "?raw",
  import: "default",
});
const [errorTable = ""] = Object.values(
  import.meta.glob<string>("../../docs/errors.md", {
    eager: true,
    query: "?raw",
    import: "default",
  }),
);
const nameOf = (path: string) => path.replace(/^.*\/|\.json$/g, "");
const languages = Object.keys(files).map(nameOf);
const read = (name: string) => files[`./locales/${name}.json`] ?? {};

type Sentence = string | Plural;
const isSentence = (value: unknown): value is Sentence =>
  typeof value === "string" || (typeof value === "object" && value !== null && "other" in value);

/** Every sentence by its path. */
function flat(tree: Record<string, unknown>, before = ""): Map<string, Sentence> {
  const found = new Map<string, Sentence>();
  for (const [key, value] of Object.entries(tree)) {
    if (isSentence(value)) found.set(before + key, value);
    else {
      const below = flat(value as Record<string, unknown>, `${before}${key}.`);
      for (const [path, sentence] of below) found.set(path, sentence);
    }
  }
  return found;
}
const forms = (sentence: Sentence) =>
  typeof sentence === "string" ? [sentence] : Object.values(sentence);
const values = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
const english = flat(read("en"));

afterEach(() => chooseLanguage("en"));

describe.each(languages)("%s", (name) => {
  const own = flat(read(name));

  test("has the sentences of English, each and no other", () => {
    expect([...own.keys()].sort()).toEqual([...english.keys()].sort());
  });

  test("leaves none empty", () => {
    for (const [path, sentence] of own) {
      for (const form of forms(sentence)) expect(form.trim(), path).not.toBe("");
    }
  });

  test("gives each the values of the English one", () => {
    for (const [path, sentence] of own) {
      const wanted = new Set(forms(english.get(path) ?? "").flatMap(values));
      const all = new Set(forms(sentence).flatMap(values));
      expect([...all].sort(), path).toEqual([...wanted].sort());
      for (const form of forms(sentence)) {
        // "One", "two" and "none" may be a word instead of a number.
        const missing = [...wanted].filter((it) => it !== "count" && !values(form).includes(it));
        expect(missing, path).toEqual([]);
      }
    }
  });

  test("has a form for each number", () => {
    const rules = new Intl.PluralRules(name);
    const needed = [...new Set(Array.from({ length: 201 }, (_, count) => rules.select(count)))];
    for (const [path, sentence] of own) {
      expect(typeof sentence, path).toBe(typeof english.get(path));
      if (typeof sentence === "string") continue;
      expect(Object.keys(sentence).sort(), path).toEqual([...new Set([...needed, "other"])].sort());
    }
  });
});

test("every sentence is shown somewhere", () => {
  const code = Object.values(sources).join("\n");
  const protocol = sources["./protocol.ts"] ?? "";
  const unused = [...english.keys()].filter((path) => {
    // The engine's name comes from the backend as text.
    if (path.startsWith("settings.engines.")) return false;
    const parts = path.split(".");
    const last = parts.at(-1) ?? "";
    // `message` and `action` go together, under the name of what failed.
    const name = ["message", "action"].includes(last) && parts.length > 2 ? parts.at(-2) : last;
    const isUsed = new RegExp(`\\.${name}\\b`).test(code);
    return !isUsed && !protocol.includes(`"${name}"`) && !code.includes(`"${name}"`);
  });
  expect(unused).toEqual([]);
});

test("the failures' English is that of the programs", () => {
  const rows = [...errorTable.matchAll(/^\| `(\w+)` \| \d+ \| (.*) \| (.*) \|$/gm)];
  const wanted = Object.fromEntries(
    rows.map(([, code, message, action]) => [code, { message, action }]),
  );
  expect(rows.length).toBeGreaterThan(30);
  expect(read("en").errors).toEqual(wanted);
});

test("the language is Confluence's where the app speaks it", () => {
  expect(languageOf("en-US", ["de-DE"])).toBe("en-US");
  expect(languageOf("xx-XX", ["de-DE"])).toBe("en");
  expect(languageOf(undefined, [])).toBe("en");
});

test("a failure of a program is told with what is particular to it", () => {
  const failure = {
    code: "too_large",
    message: "The text is too long for one video. Limit: 200 sections.",
    action: "x",
  } as const;
  expect(messages.failure.words(failure)).toEqual({
    message: "The text is too long for one video.",
    action: "Shorten the script or make a video of a selection of the page.",
    detail: "Limit: 200 sections.",
  });
});

test("numbers, dates, sizes and names are the language's", async () => {
  await chooseLanguage("en-GB");
  expect(number(12_345)).toBe("12,345");
  expect(bytes(1536)).toBe("1.5 KB");
  expect(date("2026-11-24T10:00:00Z")).toContain("24 Nov 2026");
  expect(month("2026-11")).toBe("November 2026");
  expect(language("ja")).toBe("Japanese");
});
