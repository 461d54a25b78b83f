import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { type Piece, splitFinished } from "../../../src/tui/markdown/split-finished.ts";

/** Streams `text` in deltas of the given lengths, as the screen does. */
function stream(text: string, lengths: readonly number[]): Piece[] {
  const pieces: Piece[] = [];
  let rest = "";
  let continued = false;
  let at = 0;
  for (let turn = 0; at < text.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    const split = splitFinished(rest + text.slice(at, at + length), continued);
    pieces.push(...split.finished);
    rest = split.rest;
    continued = split.continued;
    at += length;
  }
  return rest.trim() === "" ? pieces : [...pieces, { markdown: rest, continued }];
}

const texts = (pieces: readonly Piece[]): string[] => pieces.map(({ markdown }) => markdown);

describe("blocks of a streamed reply", () => {
  test("are given out as soon as they are closed", () => {
    const { finished, rest } = splitFinished("one\n\n```ts\na\n\nb\n```\ntw", false);
    expect(texts(finished)).toEqual(["one", "```ts\na\n\nb\n```"]);
    expect(rest).toBe("tw");
  });

  test("wait while a code fence is open", () => {
    expect(splitFinished("```\na\n\n\nb\n", false).finished).toEqual([]);
  });

  test("keep a list with empty lines between its items in one piece", () => {
    const text = "- one\n\n  more of one\n\n- two\n\nafter\n\n";
    expect(texts(splitFinished(text, false).finished)).toEqual(["- one\n\n  more of one\n\n- two", "after"]);
  });

  test("keep code inside a list item with its list", () => {
    const text = "1. do:\n   ```sh\n   ls\n   ```\n2. then\n\nafter\n\n";
    expect(texts(splitFinished(text, false).finished)).toEqual(["1. do:\n   ```sh\n   ls\n   ```\n2. then", "after"]);
  });

  test("are given out in parts when they are long, and say so", () => {
    const rows = Array.from({ length: 1000 }, (_, index) => `row ${index}`);
    const pieces = stream(`\`\`\`ts\n${rows.join("\n")}\n\`\`\`\nend`, [17]);
    expect(pieces.slice(0, 3).map(({ continued }) => continued)).toEqual([false, true, true]);
    expect(pieces.flatMap(({ markdown }) => markdown.split("\n")).filter((line) => line.startsWith("row"))).toEqual(
      rows,
    );
    expect(Math.max(...pieces.map(({ markdown }) => markdown.split("\n").length))).toBeLessThan(40);
  });

  test("never split a table", () => {
    const rows = Array.from({ length: 60 }, (_, index) => `| ${index} | x |`).join("\n");
    expect(splitFinished(`| a | b |\n|---|---|\n${rows}\n`, false).finished).toEqual([]);
  });

  test("are the same however the text is cut into deltas", () => {
    const block = fc.constantFrom(
      "A line.\nAnother.",
      "- a\n- b",
      "- a\n\n- b\n\n  c",
      "```js\nlet a;\n\nlet b;\n```",
      "~~~\n```\n~~~",
      "# Heading",
      "| a |\n|---|\n| 1 |",
      "> quote",
    );
    fc.assert(
      fc.property(
        fc.array(block, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        (blocks, lengths) => {
          const text = `${blocks.join("\n\n")}\n\nend\n\n`;
          expect(stream(text, lengths)).toEqual(stream(text, [text.length]));
        },
      ),
    );
  });
});
