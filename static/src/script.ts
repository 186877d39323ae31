// What the person's edits do to a script. Rules as in crates/protocol: sections without any text are
// left out, a script needs a title and one section, narration runs at 150 words a minute.

import type { Script, ScriptSection, SectionTime } from "./protocol";

const WORDS_PER_MINUTE = 150;

/** The script as it will be sent. */
export function tidy(script: Script): Script {
  return {
    title: script.title,
    sections: script.sections.filter(({ heading, text }) => heading.trim() || text.trim()),
  };
}

export function isEmpty(script: Script): boolean {
  return !script.title.trim() || tidy(script).sections.length === 0;
}

// Scripts that write without blanks are counted by character, as crates/protocol's narration.rs does:
// half a word each, or a quarter, or nothing for marks and punctuation.
const HALVES =
  /[\u3005-\u3007\u3021-\u302f\u3031-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uff9d\u{20000}-\u{3ffff}]/gu;
const QUARTERS =
  /[\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ec0-\u0ec6\u1000-\u102a\u1780-\u17b3]/gu;
const SILENT =
  /[\u0e00-\u0e4f\u0e80-\u0ecf\u102b-\u103e\u17b4-\u17dd\u3000-\u3004\u3008-\u3020\u3030\u30fb\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]/gu;

/** Quarters of a word that a text takes to narrate. */
function quarters(text: string): number {
  let count = 0;
  const other = text
    .replace(HALVES, () => {
      count += 2;
      return " ";
    })
    .replace(QUARTERS, () => {
      count += 1;
      return " ";
    })
    .replace(SILENT, " ");
  return count + 4 * other.split(/\s+/).filter(Boolean).length;
}

const timeOf = (quarters: number): SectionTime => ({
  words: Math.ceil(quarters / 4),
  seconds: Math.ceil((quarters * 60) / (WORDS_PER_MINUTE * 4)),
});

/** The narration of each section, so rounded that they add up to the whole; the title is the first's. */
export function outline(script: Script, leftOut: ReadonlySet<number> = new Set()): SectionTime[] {
  let soFar = quarters(script.title);
  let before: SectionTime = { words: 0, seconds: 0 };
  return script.sections.map(({ heading, text }, index) => {
    if (!leftOut.has(index)) soFar += quarters(heading) + quarters(text);
    const now = timeOf(soFar);
    const own = { words: now.words - before.words, seconds: now.seconds - before.seconds };
    before = now;
    return own;
  });
}

/** The script without the sections that the person leaves out. */
export function told(script: Script, leftOut: ReadonlySet<number>): Script {
  if (leftOut.size === 0) return script;
  return { ...script, sections: script.sections.filter((_, index) => !leftOut.has(index)) };
}

/** Which sections of a script read anew are left out, where those of the one before were. */
export function keepLeftOut(
  leftOut: ReadonlySet<number>,
  before: Script,
  now: Script,
): ReadonlySet<number> {
  const from = origins(now, before);
  const kept = now.sections
    .map((_, index) => index)
    .filter((index) => leftOut.has(from[index] ?? -1));
  return new Set(kept);
}

export function total(times: SectionTime[]): SectionTime {
  return times.reduce(
    (sum, { words, seconds }) => ({ words: sum.words + words, seconds: sum.seconds + seconds }),
    { words: 0, seconds: 0 },
  );
}

/**
 * Which section of the page's script each section of an edited one was made from, by index; undefined
 * for one that has no such section any more.
 */
export function origins(edited: Script, page: Script): (number | undefined)[] {
  if (edited.sections.length === page.sections.length) return edited.sections.map((_, at) => at);
  let next = 0;
  return edited.sections.map((section) => {
    const found = page.sections.findIndex((it, at) => at >= next && isSame(it, section));
    if (found < 0) return undefined;
    next = found + 1;
    return found;
  });
}

function isSame(one: ScriptSection, other: ScriptSection): boolean {
  return (one.heading !== "" && one.heading === other.heading) || one.text === other.text;
}
