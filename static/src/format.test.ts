import { expect, test } from "vitest";
import { clock, language, month } from "./format";
import { isEmpty, origins, outline, tidy, total } from "./script";

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
  expect(isEmpty(script)).toBe(false);
  expect(isEmpty({ title: " ", sections: [section] })).toBe(true);
  expect(isEmpty({ title: "T", sections: [] })).toBe(true);
});

// The table of crates/protocol's narration.rs.
test.each([
  ["", 0],
  ["  \n", 0],
  ["one two\u00a0three\n\nfour", 4],
  ["3,500 users - é", 4],
  ["서울은 한국의 수도입니다", 3],
  ["東京は日本の首都です。", 5],
  ["「Golpo」で動画を作る", 4],
  ["ＡＢ", 1],
  ["ภาษาไทย", 2],
])("counts the words of %j as they are spoken", (text, words) => {
  expect(total(outline({ title: "", sections: [{ heading: "", text }] })).words).toBe(words);
});

test("sections add up to the script", () => {
  const script = {
    title: "Two words",
    sections: [
      { heading: "", text: "word ".repeat(73) },
      { heading: "二つ目", text: "漢字".repeat(75) },
      { heading: "Third", text: "one more." },
    ],
  };
  const times = outline(script);
  expect(times.map(({ words }) => words)).toEqual([75, 77, 3]);
  expect(times[0]?.seconds).toBe(30);
  expect(total(times)).toEqual({ words: 155, seconds: 62 });
});

test("knows where an edited section comes from", () => {
  const section = (heading: string, text: string) => ({ heading, text });
  const page = { title: "T", sections: [section("A", "a"), section("", "b"), section("C", "c")] };
  const edited = (...sections: { heading: string; text: string }[]) =>
    origins({ title: "T", sections }, page);
  expect(edited(section("X", "x"), section("Y", "y"), section("Z", "z"))).toEqual([0, 1, 2]);
  expect(edited(section("A", "other"), section("C", "c"))).toEqual([0, 2]);
  expect(edited(section("New", "n"), section("", "b"))).toEqual([undefined, 1]);
});
