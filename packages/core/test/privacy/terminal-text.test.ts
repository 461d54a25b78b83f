import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { revealControls, stripTerminalControls, stripTerminalDelta } from "../../src/privacy/index.ts";

const pieces = fc.constantFrom(
  "\u001b",
  "\u001b[",
  "\u001b]",
  "\u001bP",
  "\u001b_",
  "\u001b\\",
  "\u009b",
  "\u009d",
  "\u009c",
  "\u0007",
  "31",
  ";",
  "m",
  "J",
  "8;;http://x",
  "52;c;aGk=",
  "\n",
  "\r",
  "\t",
  "\u202e",
  "\u200b",
  "\u{e0041}",
  "\udb40",
  "😀",
  "é",
  "text",
  " ",
);
const hostileText = fc
  .array(fc.oneof(pieces, fc.string({ unit: "binary", maxLength: 3 })), { maxLength: 30 })
  .map((all) => all.join(""));

/** Cleans `text` in pieces that end at the given offsets. */
function inPieces(text: string, offsets: readonly number[]): string {
  const cuts = [...new Set([0, ...offsets.map((offset) => offset % (text.length + 1)), text.length])].sort(
    (a, b) => a - b,
  );
  let result = "";
  let pending = "";
  for (let index = 1; index < cuts.length; index += 1) {
    const cleaned = stripTerminalDelta(pending, text.slice(cuts[index - 1], cuts[index]));
    result += cleaned.text;
    pending = cleaned.pending;
  }
  return result;
}

describe("text from models, tools and files", () => {
  test.each([
    ["colours", "\u001b[1;31mred\u001b[0m", "red"],
    ["screen clears", "a\u001b[2J\u001b[3Jb", "ab"],
    ["links", "\u001b]8;;http://evil\u001b\\here\u001b]8;;\u001b\\", "here"],
    ["clipboard writes", "a\u001b]52;c;aGk=\u0007b", "ab"],
    ["device control strings", "a\u001bPq#0\u001b\\b", "ab"],
    ["application commands", "a\u001b_Gx\u001b\\b", "ab"],
    ["eight-bit controls", "a\u009b31mb\u0085c\u009d0;title\u009cd", "abcd"],
    ["bidirectional overrides", "a\u202e\u2066b", "ab"],
    ["tag characters", "a\u{e0041}\u{e007f}b", "ab"],
    ["zero-width characters", "a\u200b\ufeffb", "ab"],
    ["a window title without an end, up to the end of the line", "a\u001b]0;hidden\nb", "a\nb"],
    ["carriage returns", "a\r\nb\rc", "a\nbc"],
  ])("loses %s", (_, text, expected) => {
    expect(stripTerminalControls(text)).toBe(expected);
  });

  test("keeps newlines, tabs, emoji and accents", () => {
    expect(stripTerminalControls("a\n\tb 👩‍💻 é 日本")).toBe("a\n\tb 👩‍💻 é 日本");
  });

  test("never holds a control character afterwards", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(stripTerminalControls(text)).not.toMatch(/(?![\n\t])\p{Cc}|\p{Bidi_Control}|[\u{e0000}-\u{e007f}]/u);
      }),
    );
  });

  test("is cleaned alike however it is cut into deltas", () => {
    fc.assert(
      fc.property(hostileText, fc.array(fc.nat(200), { maxLength: 12 }), (text, offsets) => {
        expect(inPieces(text, offsets)).toBe(stripTerminalControls(text));
      }),
      { numRuns: 500 },
    );
  });

  test("is cleaned alike when cut at every single offset", () => {
    const text = "a\u001b]8;;http://x\u001b\\b\u001b[38;5;1mc\u009b2Jd\u{e0041}e\u001bP1$r\u001b\\f😀g\u001b(Bh";
    for (let offset = 0; offset <= text.length; offset += 1)
      expect(inPieces(text, [offset])).toBe(stripTerminalControls(text));
    expect(
      inPieces(
        text,
        Array.from({ length: text.length }, (_, index) => index),
      ),
    ).toBe(stripTerminalControls(text));
  });

  test("keeps nothing of an endless sequence in memory", () => {
    const { pending } = stripTerminalDelta("\u001b]", "x".repeat(100_000));
    expect(pending.length).toBeLessThan(4);
  });
});

describe("text that a person approves", () => {
  test("spells out what would be invisible", () => {
    expect(revealControls("rm -rf \u001b[8m/\u202e\u{e0041}")).toBe("rm -rf ‹U+001B›[8m/‹U+202E›‹U+E0041›");
  });

  test("shows ordinary text as it is", () => {
    expect(revealControls("if (a) {\r\n\treturn;\n}")).toBe("if (a) {\n\treturn;\n}");
  });
});
