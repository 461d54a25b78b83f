import fc from "fast-check";
import { expect, test } from "vitest";

import { chunksOf, indexedWords, linesOfChunk, termsOf, wordsOf } from "../../src/codebase/words.ts";

test.each([
  ["parseHttp2_url", ["parsehttp2_url", "pars", "http", "2", "url"]],
  ["XMLHttpRequest", ["xmlhttprequest", "xml", "http", "request"]],
  ["files", ["file"]],
  ["größeÄndern", ["größeändern", "größ", "ändern"]],
  ["$", []],
  ["x".repeat(100), []],
])("%s is found by its parts and as a whole", (word, terms) => {
  expect(termsOf(word)).toEqual(terms);
});

test("different endings of a word are one term", () => {
  for (const forms of [
    ["index", "indexed", "indexing", "indexer"],
    ["entry", "entries"],
    ["lock", "locked", "locking", "locks", "locker"],
    ["parser", "parsing", "parsed"],
    ["stopping", "stopped"],
  ]) {
    expect(new Set(forms.flatMap(termsOf)).size, forms.join()).toBe(1);
  }
});

test("an identifier finds every text that holds one of the same name, in any style", () => {
  const part = fc.constantFrom("read", "File", "http", "Index", "tags", "größe");
  fc.assert(
    fc.property(fc.array(part, { minLength: 2, maxLength: 4 }), (parts) => {
      const snake = parts.map((word) => word.toLowerCase()).join("_");
      const camel = parts.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()).join("");
      const inText = new Set(indexedWords(`const ${camel} = 1;`).split(" "));
      expect(
        termsOf(snake)
          .slice(1)
          .every((term) => inText.has(term)),
      ).toBe(true);
      expect(inText.has(camel.toLowerCase())).toBe(true);
    }),
  );
});

test("any text gives terms in lower case that need no quoting", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      for (const term of indexedWords(text).trim().split(" ").filter(Boolean)) {
        expect(term).toMatch(/^[\p{L}\p{M}\p{N}_$]+$/u);
      }
      expect(wordsOf(text).join("")).not.toMatch(/\s/);
    }),
  );
});

test("the chunks of a text are the text, and each begins at its line", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a\n", "b c\n", "\n", "d"), { maxLength: 150 }), (pieces) => {
      const text = pieces.join("");
      const chunks = chunksOf(text);
      expect(chunks.join("")).toBe(text);
      for (const [index, chunk] of chunks.entries()) {
        const { from } = linesOfChunk(index);
        expect(
          text
            .split("\n")
            .slice(from - 1)
            .join("\n")
            .startsWith(chunk),
        ).toBe(true);
      }
    }),
  );
});
