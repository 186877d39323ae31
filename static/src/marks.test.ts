import { expect, test } from "vitest";
import { mark } from "./marks";

const PHRASES = ["a colleague", "an e-mail address", "a colleague of ours"];
const marked = (text: string, phrases = PHRASES) =>
  mark(text, phrases)
    .map((part) => (part.marked ? `[${part.text}]` : part.text))
    .join("");

test.each([
  [
    "Ask a colleague, or write to an e-mail address.",
    "Ask [a colleague], or write to [an e-mail address].",
  ],
  ["A colleague's idea.", "[A colleague]'s idea."],
  ["a colleague of ours", "[a colleague of ours]"],
  ["Meet a colleagueship. Extra colleague", "Meet a colleagueship. Extra colleague"],
  ["", ""],
])("marks whole phrases, however they are written: %s", (text, result) => {
  expect(marked(text)).toBe(result);
});

test("needs no blanks where a script has none", () => {
  expect(marked("请联系同事。", ["同事"])).toBe("请联系[同事]。");
});

test("marks nothing without phrases, and reads a phrase as plain text", () => {
  expect(marked("a colleague", [])).toBe("a colleague");
  expect(marked("abc a.c", ["a.c"])).toBe("abc [a.c]");
});
