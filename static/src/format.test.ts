import { expect, test } from "vitest";
import { clock, language, month } from "./format";
import { countWords, estimateSeconds, isEmpty, tidy } from "./script";

test.each([
  [0, "0:00"],
  [59.6, "0:59"],
  [125, "2:05"],
  [3_725, "1:02:05"],
  [-1, "0:00"],
])("shows %d seconds as %s", (seconds, text) => expect(clock(seconds)).toBe(text));

test("names months and languages", () => {
  expect(month("2026-11")).toBe("November 2026");
  expect(language("pt-BR")).toBe("Brazilian Portuguese");
});

test("leaves out sections without text and knows an empty script", () => {
  const section = { heading: "A", text: "Über 3 words — really." };
  const script = { title: "T", sections: [{ heading: " ", text: "\n" }, section] };
  expect(tidy(script).sections).toEqual([section]);
  expect(countWords(script)).toBe(7);
  expect(estimateSeconds(151)).toBe(61);
  expect(isEmpty(script)).toBe(false);
  expect(isEmpty({ title: " ", sections: [section] })).toBe(true);
  expect(isEmpty({ title: "T", sections: [] })).toBe(true);
});
