import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { span } from "../../../src/tui/text/span.ts";
import { createPaint } from "../../../src/tui/text/theme.ts";
import { lineWidth, truncate, wrap, wrapHard } from "../../../src/tui/text/width.ts";
import { plain } from "../plain.ts";

const texts = fc.array(fc.constantFrom("word", "a", "日本", "👩‍💻", " ", "  ", "\n", "é", "long-word-here"), {
  maxLength: 20,
});

describe("wrapping", () => {
  test("breaks at spaces and keeps words of several styles together", () => {
    const line = [span("see "), span("total", { bold: true }), span(", then go")];
    expect(plain(wrap(line, 10))).toEqual(["see total,", "then go"]);
  });

  test("breaks a word that is wider than the line", () => {
    expect(plain(wrap([span("abcdefgh")], 3))).toEqual(["abc", "def", "gh"]);
  });

  test("keeps every space of code", () => {
    expect(wrapHard([span("    a  b")], 20)).toEqual([[span("    a  b")]]);
  });

  test("never makes a line wider than asked where a character fits", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 30 }), (parts, width) => {
        const line = [span(parts.join(""))];
        for (const row of [
          ...wrap(line, width),
          ...wrapHard(line, width),
          truncate([span(parts.join("").replaceAll("\n", ""))], width),
        ])
          expect(lineWidth(row)).toBeLessThanOrEqual(width);
      }),
    );
  });

  test("loses no character but spaces at the ends of lines", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 30 }), (parts, width) => {
        const text = parts.join("");
        const squeeze = (value: string): string => value.replaceAll(/\s+/g, "");
        expect(squeeze(plain(wrap([span(text)], width)).join(""))).toBe(squeeze(text));
        expect(
          wrapHard([span(text)], width)
            .flatMap((row) => row.map((part) => part.text))
            .join(""),
        ).toBe(text.replaceAll("\n", ""));
      }),
    );
  });
});

describe("painting", () => {
  const line = [span("a", { bold: true, colour: "bad" }), span("b")];

  test("uses colour where the terminal has it", () => {
    expect(createPaint({ TERM: "xterm" })([line])).toBe("\u001b[1;31ma\u001b[0mb");
  });

  test("keeps weight but no colour under NO_COLOR", () => {
    expect(createPaint({ TERM: "xterm", NO_COLOR: "1" })([line])).toBe("\u001b[1ma\u001b[0mb");
  });

  test("writes nothing but text to a dumb terminal", () => {
    expect(createPaint({ TERM: "dumb" })([line, []])).toBe("ab\n");
  });
});
