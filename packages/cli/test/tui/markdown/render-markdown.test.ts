import { describe, expect, test } from "vitest";

import { renderMarkdown } from "../../../src/tui/markdown/render-markdown.ts";
import { plain } from "../plain.ts";

const shown = (markdown: string, width = 60): string => plain(renderMarkdown(markdown, width)).join("\n");

describe("markdown on the screen", () => {
  test("shows headings, lists and nested lists", () => {
    expect(shown("# Plan\n\n1. first\n   - inner\n2. second\n\ntext")).toBe(
      "Plan\n\n1. first\n   • inner\n2. second\n\ntext",
    );
  });

  test("numbers an ordered list from where it starts", () => {
    expect(shown("3. third\n4. fourth")).toBe("3. third\n4. fourth");
  });

  test("indents code under its language and keeps its spaces", () => {
    expect(shown("before\n```ts\nif (a) {\n  b();\n}\n```\nafter")).toBe(
      "before\n\n  ts\n  if (a) {\n    b();\n  }\n\nafter",
    );
  });

  test("wraps long code instead of cutting it", () => {
    expect(shown("```\nabcdefgh\n```", 6)).toBe("  abcd\n  efgh");
  });

  test("marks inline code, weight and slope with styles, not with signs", () => {
    const [line] = renderMarkdown("a **b** *c* `d`", 60);
    expect(line?.map(({ text, style }) => [text, style])).toEqual([
      ["a", {}],
      [" ", {}],
      ["b", { bold: true }],
      [" ", {}],
      ["c", { italic: true }],
      [" ", {}],
      ["d", { colour: "accent" }],
    ]);
  });

  test("shows where a link goes", () => {
    expect(shown("[docs](https://example.org) and https://example.net")).toBe(
      "docs (https://example.org) and https://example.net",
    );
  });

  test("aligns the columns of a table", () => {
    expect(shown("| name | size |\n|---|---|\n| nano | 12 MB |\n| a | 1 |")).toBe(
      "name  size\n───────────\nnano  12 MB\na     1",
    );
  });

  test("shows a table that is too wide as one line a cell", () => {
    expect(shown("| name | size |\n|---|---|\n| nano | 12 MB |", 9)).toBe("name:\nnano\nsize: 12\nMB");
  });

  test("shows HTML and quotes as text", () => {
    expect(shown("<b>bold</b>\n\n> said\n> twice")).toBe("<b>bold</b>\n\n│ said\n│ twice");
  });

  test("works in one column", () => {
    expect(() => renderMarkdown("# a\n- b `c`\n\n> d\n\n| a |\n|-|\n| b |\n\n```\ne\n```", 1)).not.toThrow();
  });
});
