import { describe, expect, test } from "vitest";

import { schemaGrammar } from "../../../src/dialects/index.ts";
import { engine } from "./support/llama-engine.ts";

const nested = (depth: number, around: (inner: unknown) => unknown): unknown => {
  let schema: unknown = { type: "integer" };
  for (let level = 0; level < depth; level++) schema = around(schema);
  return schema;
};
const many = (count: number, schemaOf: (index: number) => unknown): Record<string, unknown> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, schemaOf(index)]));
const chain = (keyword: string): Record<string, unknown> => ({
  $ref: "#/$defs/p0",
  $defs: many(60, (index) => ({ [keyword]: [{ $ref: `#/$defs/p${index + 1}` }, { $ref: `#/$defs/p${index + 2}` }] })),
});
const list = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Four thousand properties that each refer to what is costly to look at, and say something else beside it. */
const referred = ({ $ref, $defs }: Record<string, unknown>): unknown => ({
  $defs,
  properties: many(16, () => ({ properties: many(250, (index) => ({ $ref, minLength: index })) })),
});

/** Each with a text that must be admitted, whatever is left to validation. */
const cases: [what: string, schema: unknown, text: string][] = [
  ["properties ten thousand deep", nested(10_000, (a) => ({ properties: { a } })), '{"a": {"a": {}}}'],
  ["arrays ten thousand deep", nested(10_000, (items) => ({ items })), "[[[]]]"],
  ["choices ten thousand deep", nested(10_000, (a) => ({ anyOf: [a, { type: "null" }] })), "1"],
  ["conjunctions ten thousand deep", nested(10_000, (a) => ({ allOf: [a] })), "1"],
  ["a constant ten thousand deep", { const: nested(10_000, (a) => [a]) }, "[[]]"],
  ["a conjunction of ten thousand", { allOf: list(10_000).map((minimum) => ({ minimum })) }, "10000"],
  ["a choice of a hundred thousand", { anyOf: list(100_000).map((value) => ({ const: value })) }, "77777"],
  [
    "a conjunction of choices",
    { allOf: list(30).map((one) => ({ anyOf: [{ properties: { [`a${one}`]: {} } }, { properties: { b: {} } }] })) },
    '{"b": 1}',
  ],
  ["choices that share their parts", chain("anyOf"), "1"],
  ["conjunctions that share their parts", chain("allOf"), "1"],
  ["references to choices that share their parts", referred(chain("anyOf")), '{"p1": {"p2": 1}}'],
  [
    "references to a million values",
    referred({ $ref: "#/$defs/one", $defs: { one: { enum: list(1_000_000) } } }),
    '{"p1": {"p2": 1}}',
  ],
  ["a reference to itself", { $ref: "#" }, "1"],
  ["references in a circle", { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } }, "1"],
  ["a choice of itself", { anyOf: [{ $ref: "#" }, { type: "string" }] }, '"a"'],
  [
    "a merged circle",
    {
      $ref: "#/$defs/a",
      $defs: {
        a: { properties: { x: { allOf: [{ $ref: "#/$defs/a" }, { $ref: "#/$defs/b" }] } } },
        b: { properties: { x: { allOf: [{ $ref: "#/$defs/b" }, { $ref: "#/$defs/a" }] } } },
      },
    },
    '{"x": {"x": {}}}',
  ],
  [
    "a thousand million items",
    { items: { type: "integer" }, minItems: 3, maxItems: 1e9 },
    `[${list(2000).join(", ")}]`,
  ],
  ["as many at least", { items: { type: "integer" }, minItems: 300 }, `[${list(300).join(", ")}]`],
  ["arrays of many arrays", nested(8, (items) => ({ items, maxItems: 250 })), "[[[]]]"],
  ["strings of a million characters", { type: "string", maxLength: 1e6 }, JSON.stringify("a".repeat(5000))],
  ["a long repetition", { pattern: "^(ab{1,100000}){1,100000}$" }, JSON.stringify("abb".repeat(1500))],
  ["repetitions in repetitions", { pattern: "^((((a?){1,500}b?){1,500}c?){1,500})+$" }, '"abcabcc"'],
  ["stars in stars", { pattern: "^(a|a|aa|(a*)*|a+)*b?$" }, JSON.stringify("a".repeat(500))],
  ["deep groups", { pattern: `${"(".repeat(900)}a${")".repeat(900)}` }, '"a"'],
  ["ten thousand values", { enum: list(10_000).map((index) => `value ${index}`) }, '"value 9999"'],
  ["a million values", { enum: list(1_000_000) }, "999999"],
  ["ten thousand properties", { properties: many(10_000, () => ({})) }, '{"p9": 1}'],
  [
    "names of a hundred thousand letters",
    { properties: { ["k".repeat(100_000)]: {} } },
    `{"${"k".repeat(100_000)}": 1}`,
  ],
  [
    "forty thousand patterns",
    {
      properties: many(200, () => ({
        properties: many(200, (index) => ({ type: "string", pattern: `^a{${index}}$` })),
      })),
    },
    '{"p199": {"p199": "x"}}'.replace("x", "a".repeat(199)),
  ],
  ["numbers at the ends of what there is", { anyOf: [{ type: "number", minimum: 5e-324, maximum: 1e308 }] }, "5e-324"],
  [
    "keywords that hold nonsense",
    {
      type: "object",
      properties: [1],
      required: "x",
      items: 7,
      enum: "a",
      anyOf: {},
      allOf: 3,
      $ref: 9,
      patternProperties: 5,
    },
    "{}",
  ],
  [
    "properties that hold nonsense",
    { properties: { a: null, b: 3, c: [] }, required: [1, null] },
    '{"a": 1, "b": "x", "c": null}',
  ],
  [
    "limits that hold nonsense",
    { type: "string", pattern: "(((", minLength: -5, maxLength: 1.5, format: {} },
    '"anything"',
  ],
  ["what is no schema", 12, "null"],
];

describe("a schema that is made to do harm", () => {
  test.each(cases)("%s", (_what, schema, text) => {
    const gbnf = schemaGrammar(schema);
    expect(gbnf.length).toBeLessThan(400_000);
    expect(engine(gbnf)(text)).toBe(true);
  });
});
