import fc from "fast-check";
import { expect, test } from "vitest";

import { exactSeparators, jsonSyntax, schemaGrammar } from "../../../src/dialects/index.ts";
import { parseUnknownJson } from "../../../src/protocol/json.ts";
import { gbnfSampler, seededRandom } from "./support/gbnf-sampler.ts";
import { isValid } from "./support/json-schema.ts";
import { spaced } from "./support/json-text.ts";
import { engine } from "./support/llama-engine.ts";
import { schemaCases } from "./support/schema-arbitrary.ts";

const grammarOf = (schema: unknown): string => schemaGrammar(schema, jsonSyntax(exactSeparators));

/** Integers of more digits are left out of grammars on purpose. */
const hasLongInteger = (text: string): boolean => /(?<![.\d])\d{17}/.test(text);

test("every valid value in the schema's order is admitted", () => {
  const valued = schemaCases(3).chain(({ schema, values }) =>
    fc.tuple(fc.constant(schema), fc.array(values, { minLength: 1, maxLength: 4 })),
  );
  fc.assert(
    fc.property(valued, ([schema, values]) => {
      const texts = values.filter((value) => isValid(schema, value)).map(spaced);
      const admits = engine(grammarOf(schema));
      expect(texts.filter((text) => !hasLongInteger(text) && !admits(text))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("every text that is admitted is JSON, and valid where a grammar can tell all that the schema says", () => {
  fc.assert(
    fc.property(schemaCases(3), fc.nat(), ({ schema, exact }, seed) => {
      const gbnf = grammarOf(schema);
      const write = gbnfSampler(gbnf);
      const random = seededRandom(seed);
      const texts = Array.from({ length: 4 }, () => write(random));
      expect(texts.filter((text) => !engine(gbnf)(text))).toEqual([]);
      const values = texts.map((text) => parseUnknownJson(text, "sample"));
      // Sampled exponents reach beyond what a double holds.
      const judged = values.filter((_value, index) => exact && !/\d[eE]/.test(texts[index] ?? ""));
      expect(judged.filter((value) => !isValid(schema, value))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("every JSON value is admitted where the schema says nothing", () => {
  const admits = engine(grammarOf(true));
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      const text = spaced(value);
      fc.pre(!hasLongInteger(text));
      expect(admits(text)).toBe(true);
    }),
  );
});
