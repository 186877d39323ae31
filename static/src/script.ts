// What the person's edits do to a script. Rules as in crates/protocol: sections without any text are
// left out, a script needs a title and one section, narration runs at 150 words a minute.

import type { Script } from "./protocol";

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

export function countWords(script: Script): number {
  return [script.title, ...script.sections.flatMap(({ heading, text }) => [heading, text])]
    .flatMap((part) => part.split(/\s+/))
    .filter(Boolean).length;
}

export function estimateSeconds(words: number): number {
  return Math.ceil((words * 60) / WORDS_PER_MINUTE);
}
