import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Block } from "../../src/documentation/blocks.ts";
import { readHtml } from "../../src/documentation/formats/html.ts";
import { readManPage } from "../../src/documentation/formats/man/page.ts";
import { readMarkdown } from "../../src/documentation/formats/markdown.ts";
import { readRestructuredText } from "../../src/documentation/formats/restructured-text.ts";
import { type Section, sectionsOf } from "../../src/documentation/sections.ts";

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const line = fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => words.join(" "));
const text = fc.array(line, { minLength: 1, maxLength: 60 }).map((lines) => lines.join("\n"));
const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({
    type: fc.constant("heading" as const),
    level: fc.integer({ min: 1, max: 6 }),
    text: line,
    line: fc.nat(),
  }),
  fc.record({ type: fc.constantFrom("text" as const, "code" as const), text, line: fc.nat() }),
);

const wordsOf = (parts: readonly string[]): string[] =>
  parts.flatMap((part) => part.split(/\s+/)).filter((part) => part !== "");
const textsOf = (sections: readonly Section[]): string[] => wordsOf(sections.map((section) => section.text));

describe("cutting into sections", () => {
  test("loses no text and keeps its order", () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 30 }), (blocks) => {
        const sections = sectionsOf(blocks);
        expect(textsOf(sections)).toEqual(
          wordsOf(blocks.flatMap((part) => (part.type === "heading" ? [] : [part.text]))),
        );
        const headings = new Set(sections.flatMap((section) => section.headings));
        for (const part of blocks) if (part.type === "heading") expect(headings).toContain(part.text);
      }),
    );
  });

  test("makes sections of about 400 words at most, except around code", () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 30 }), (blocks) => {
        for (const section of sectionsOf(blocks.filter(({ type }) => type !== "code"))) {
          expect(wordsOf([section.text]).length).toBeLessThanOrEqual(400);
        }
      }),
    );
  });

  test("loses no word of Markdown outside of marks", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("", "# ", "## ", "- ", "    ", "> "), line), { maxLength: 40 }),
        (rows) => {
          const source = rows.map(([mark, words]) => mark + words).join("\n\n");
          const sections = sectionsOf(readMarkdown(source));
          const found = new Set(wordsOf(sections.flatMap((section) => [...section.headings, section.text])));
          for (const word of wordsOf(rows.map(([, words]) => words))) expect(found).toContain(word);
        },
      ),
    );
  });

  test("begins a new section at a paragraph", () => {
    const paragraph = "word ".repeat(150).trim();
    const sections = sectionsOf(readMarkdown(`# Long\n\n${[paragraph, paragraph, paragraph].join("\n\n")}\n`));
    expect(sections.map(({ headings, text: body }) => [headings, body.split("\n\n").length])).toEqual([
      [["Long"], 2],
      [["Long"], 1],
    ]);
  });

  test("keeps code whole where prose would be cut", () => {
    const code = Array.from({ length: 100 }, (_, index) => `call(${index}, with, six, words, each);`).join("\n");
    const [only, ...others] = sectionsOf(readMarkdown(`# Long\n\n\`\`\`js\n${code}\n\`\`\`\n`));
    expect(others).toEqual([]);
    expect(only?.text).toContain(code);
  });

  test("knows the line and the headings of each section", () => {
    const source = "# Guide\n\nIntro.\n\n## Routing\n\n### Wildcards\n\nA star.\n\n## Empty\n";
    expect(
      sectionsOf(readMarkdown(source)).map(({ headings, line: at, text: body }) => [headings.join(" > "), at, body]),
    ).toEqual([
      ["Guide", 1, "Intro."],
      ["Guide > Routing > Wildcards", 7, "A star."],
      ["Guide > Empty", 11, ""],
    ]);
  });
});

test.each([
  ["Markdown", readMarkdown],
  ["HTML", readHtml],
  ["manual pages", readManPage],
  ["reStructuredText", readRestructuredText],
])("whatever a file holds, reading it as %s ends", (_name, read) => {
  const marks = fc.constantFrom(
    "<",
    "</",
    "<p",
    '"',
    "```",
    "    ",
    "\n",
    "# ",
    ".",
    ".\\",
    "\\",
    "\\f",
    "\\*(",
    ".TP\n",
    ".if n \\{",
    "\\}",
    "===\n",
    "::\n\n",
    "<pre>",
    "&amp",
    "x",
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(marks, fc.string({ maxLength: 6 })), { maxLength: 60 }),
      (parts) => void sectionsOf(read(parts.join(""))),
    ),
  );
});
