import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { countOf, diffLines, hunksOf } from "../webview/line-diff.ts";

const lines = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 12 });
const text = (all: readonly string[]): string => all.map((line) => `${line}\n`).join("");

describe("diffLines", () => {
  test("holds both texts whole", () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const diff = diffLines(text(before), text(after));
        expect(diff.filter(({ sign }) => sign !== "+").map((line) => line.text)).toEqual(before);
        expect(diff.filter(({ sign }) => sign !== "-").map((line) => line.text)).toEqual(after);
      }),
    );
  });

  test("finds the smallest change", () => {
    const diff = diffLines("one\ntwo\nthree\nfour\n", "one\n2\nthree\nfour\nfive\n");
    expect(diff.map(({ sign, text: line }) => `${sign}${line}`)).toEqual([
      " one",
      "-two",
      "+2",
      " three",
      " four",
      "+five",
    ]);
    expect([countOf(diff, "+"), countOf(diff, "-")]).toEqual([2, 1]);
  });

  test("a huge change is shown whole, at once", () => {
    const before = text(Array.from({ length: 3000 }, (_, index) => `old ${index}`));
    const after = text(Array.from({ length: 3000 }, (_, index) => `new ${index}`));
    expect(diffLines(before, after)).toHaveLength(6000);
  });
});

describe("hunksOf", () => {
  test("shows changes with the lines around them and where they begin", () => {
    const before = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);
    const after = before.with(4, "changed").with(24, "changed");
    const hunks = hunksOf(diffLines(text(before), text(after)));
    expect(hunks.map(({ line }) => line)).toEqual([2, 22]);
    expect(hunks[0]?.lines.map((line) => line.sign).join("")).toBe("   -+   ");
  });

  test("no changed line is ever left out", () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const diff = diffLines(text(before), text(after));
        const shown = hunksOf(diff, 1).flatMap((hunk) => hunk.lines);
        expect(shown.filter(({ sign }) => sign !== " ")).toEqual(diff.filter(({ sign }) => sign !== " "));
      }),
    );
  });
});
