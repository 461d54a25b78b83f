import fc from "fast-check";
import { expect, test } from "vitest";

import { rawTextThrough } from "../../../src/dialects/grammar/raw-text.ts";
import { GrammarRules } from "../../../src/dialects/grammar/rules.ts";
import { engine } from "./support/llama-engine.ts";

const markers = [
  "</parameter>",
  "\n</parameter>",
  "\n\n",
  "aabaaab",
  "aaa",
  "x",
  '<|"|>',
  "<｜tool▁call▁end｜>",
  "abcabcabd",
];

function throughMarker(marker: string): { admits: (text: string) => boolean; length: number } {
  const rules = new GrammarRules();
  rules.define("root", rawTextThrough(marker, rules));
  return { admits: engine(rules.toString()), length: rules.length };
}

test.each(markers)("text ends with the first %j", (marker) => {
  const { admits } = throughMarker(marker);
  const pieces = fc.constantFrom(marker, marker.slice(0, -1), marker.slice(1), ...Array.from(marker), "é", "\n", "z");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (some) => {
      const text = some.join("");
      const end = text.indexOf(marker) + marker.length;
      expect(admits(text)).toBe(text.includes(marker) && end === text.length);
      expect(admits(text.slice(0, text.includes(marker) ? end : 0) || marker)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("the grammar grows with the marker's length, and a marker is there once", () => {
  const rules = new GrammarRules();
  const first = rawTextThrough("</a-parameter-with-a-very-long-name-0123>", rules);
  const { length } = rules;
  expect(length).toBeLessThan(5000);
  expect(rawTextThrough("</a-parameter-with-a-very-long-name-0123>", rules)).toBe(first);
  expect(rules.length).toBe(length);
});
