// The language that the person reads: which one, its numbers and dates, and how a sentence gets its
// values. The sentences are in locales/*.json, English first: it is there before any other is loaded,
// and instead of one that cannot be.

import english from "./locales/en.json";

/** A sentence by the plural categories of its language (Intl.PluralRules), chosen by `{count}`. */
export type Plural = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;

/** The shape of every language's file: as English, with plural categories of its own. */
type Translated<T> = T extends string
  ? string
  : T extends { other: string }
    ? Plural
    : { [K in keyof T]: Translated<T[K]> };
export type Sentences = Translated<typeof english>;
export type Values = Record<string, string | number>;

/** Languages besides English. Their files are loaded when somebody reads them. */
const LOADERS: Record<string, () => Promise<{ default: Sentences }>> = {
  ar: () => import("./locales/ar.json"),
  de: () => import("./locales/de.json"),
  es: () => import("./locales/es.json"),
  fr: () => import("./locales/fr.json"),
  ja: () => import("./locales/ja.json"),
};
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(["ar"]);

interface Speech {
  /** The tag for `lang`. */
  language: string;
  /** The tag for Intl: the person's region where the language is theirs. */
  locale: string;
  sentences: Sentences;
}

let speech: Speech = { language: "en", locale: "en", sentences: english };

/** The tag to give to Intl. */
export const locale = () => speech.locale;

/**
 * The language to show, as a tag of Intl. `chosen` is the language of Confluence. It has none that is
 * written from right to left: who asks their browser for one and left Confluence in English gets it.
 */
export function languageOf(chosen: string | undefined, browser: readonly string[]): string {
  const first = browser[0]?.split("-")[0] ?? "";
  const known = (tag: string) => tag === "en" || tag in LOADERS;
  const tag = (chosen ?? browser[0] ?? "en").replace("_", "-");
  const base = tag.split("-")[0] ?? "en";
  if (base === "en" && RIGHT_TO_LEFT.has(first) && known(first)) return browser[0] ?? first;
  return known(base) ? tag : "en";
}

/** Loads a language and shows it from now on. Never rejects: what cannot be loaded stays English. */
export async function speak(tag: string): Promise<Sentences> {
  const language = tag.split("-")[0] ?? "en";
  try {
    const load = LOADERS[language];
    // Arabic's own digits would stand beside Latin ones of times and of names.
    const exact = language === "ar" ? `${tag}-u-nu-latn` : tag;
    speech = load
      ? { language, locale: exact, sentences: (await load()).default }
      : { language: "en", locale: language === "en" ? tag : "en", sentences: english };
  } catch {
    speech = { language: "en", locale: "en", sentences: english };
  }
  document.documentElement.lang = speech.language;
  document.documentElement.dir = RIGHT_TO_LEFT.has(speech.language) ? "rtl" : "ltr";
  return speech.sentences;
}

/** The sentence with its values: numbers as the language writes them. */
export function fill(sentence: string | Plural, values: Values): string {
  const { locale } = speech;
  const count = typeof values.count === "number" ? values.count : 0;
  const text =
    typeof sentence === "string"
      ? sentence
      : (sentence[new Intl.PluralRules(locale).select(count)] ?? sentence.other);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(locale) : value;
  });
}

/** Things one after another, as the language lists them. */
export function list(items: string[]): string {
  return new Intl.ListFormat(speech.locale, { type: "unit", style: "short" }).format(items);
}
