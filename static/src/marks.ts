// Finds the words that stand instead of people in a text, to mark them where they stand.

export interface Part {
  text: string;
  marked: boolean;
}

/** Letters of scripts that put blanks between words: a phrase is not part of such a word. */
const IN_A_WORD = "[\\p{Script=Latin}\\p{Script=Cyrillic}\\p{Script=Greek}\\p{N}]";

/** The text in parts, whose texts together are the text again. */
export function mark(text: string, phrases: string[]): Part[] {
  const known = phrases
    .filter(Boolean)
    // A longer phrase may begin with a shorter one.
    .sort((one, other) => other.length - one.length)
    .map((phrase) => phrase.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (known.length === 0) return [{ text, marked: false }];
  const pattern = new RegExp(`(?<!${IN_A_WORD})(${known.join("|")})(?!${IN_A_WORD})`, "giu");
  // With one group, every second part is a match.
  return text
    .split(pattern)
    .map((part, index) => ({ text: part, marked: index % 2 === 1 }))
    .filter((part) => part.text !== "");
}
