import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { schemaGrammar } from "../../../src/dialects/index.ts";
import { spaced } from "./support/json-text.ts";
import { type Case, judge, text } from "./support/judge.ts";
import { engine } from "./support/llama-engine.ts";

describe("arrays", () => {
  const cases: Case[] = [
    ["items of one kind", { type: "array", items: { type: "integer" } }, [[], [1], [1, 2, 3]], [["a"], [1, "a"]]],
    ["any items", { type: "array" }, [[], [1, "a", [null], {}]], [{}, null]],
    ["no items", { type: "array", items: { type: "string" }, maxItems: 0 }, [[]], [["a"]]],
    [
      "a tuple, down to the items that must be there",
      { prefixItems: [{ type: "string" }, { type: "integer" }], minItems: 1 },
      [["a"], ["a", 1]],
      [[], [1], ["a", 1, 2]],
    ],
    [
      "a tuple with more of one kind",
      { prefixItems: [{ type: "string" }], items: { type: "integer" }, maxItems: 3 },
      [[], ["a"], ["a", 1, 2]],
      [
        ["a", 1, 2, 3],
        ["a", "b"],
      ],
    ],
    [
      "draft 7's tuples",
      { items: [{ type: "string" }], additionalItems: { type: "null" } },
      [["a"], ["a", null]],
      [["a", 1]],
    ],
    [
      "few values in any order, each once",
      { items: { enum: ["x", 1, null] }, uniqueItems: true, minItems: 1 },
      [["x"], [null, "x", 1]],
      [[], ["x", "x"], [1, null, 1]],
    ],
    ["both booleans", { items: { type: "boolean" }, uniqueItems: true }, [[], [true], [false, true]], [[true, true]]],
  ];
  test.each(cases)("%s", (...one) => judge(one));
});

describe("objects", () => {
  const integer = { type: "integer" };
  const cases: Case[] = [
    ["any object without a word on properties", { type: "object" }, [{}, { a: [1] }], [[], 1]],
    [
      "the empty object where no properties are listed",
      { type: "object", properties: {} },
      [{}, text("{ }")],
      [{ a: 1 }],
    ],
    ["a map", { type: "object", additionalProperties: integer }, [{}, { a: 1, b: 2 }], [{ a: "x" }]],
    [
      "a map with counted pairs",
      { type: "object", additionalProperties: integer, minProperties: 1, maxProperties: 2 },
      [{ a: 1 }, { a: 1, b: 2 }],
      [{}, { a: 1, b: 2, c: 3 }],
    ],
    [
      "a map with named keys",
      { type: "object", propertyNames: { enum: ["a", "b"] }, additionalProperties: integer },
      [{}, { b: 1, a: 2 }],
      [{ c: 1 }],
    ],
    [
      "keys that match a pattern",
      { type: "object", patternProperties: { "^x-": integer }, properties: { a: integer } },
      [{ a: 1, "x-b": 2 }, { "x-": 1 }],
      [{ b: 1 }, { "x-b": "2" }],
    ],
    [
      "open objects, whose further keys are not the named ones",
      { properties: { ab: integer, a: integer, ü: integer }, additionalProperties: { type: "string" } },
      [{ ab: 1, ac: "x", abc: "x", "": "x", u: "x", "a\n": "x" }],
      [{ ab: "x" }, { a: "x" }, { ü: "x" }, text('{"\\u0061b": "x"}'), { c: 1 }],
    ],
    ["at least one property", { properties: { a: integer, b: integer }, minProperties: 1 }, [{ a: 1 }, { b: 1 }], [{}]],
    [
      "required properties that are not described come last",
      { properties: { a: integer }, required: ["z"] },
      [{ a: 1, z: "any" }, { z: [] }],
      [{}, { a: 1 }],
    ],
    ["properties that admit nothing", { properties: { a: false, b: true } }, [{}, { b: null }], [{ a: 1 }]],
    [
      "properties that only a condition knows of",
      { properties: { a: integer }, dependentSchemas: { a: { properties: { b: integer } } } },
      [{ a: 1, b: 2 }, { b: 2 }],
      [{ c: 1 }],
    ],
    [
      "names that need escapes",
      { properties: { 'a"\\\n': integer, __proto__x: integer }, additionalProperties: true },
      [{ 'a"\\\n': 1, __proto__x: 2 }],
      [{ __proto__x: "a" }],
    ],
  ];
  test.each(cases)("%s", (...one) => judge(one));

  test("any subset of the optional properties, in the schema's order, with all required ones", () => {
    const keys = ["a", "b", "c", "d", "e"];
    const shape = fc.record({ required: fc.subarray(keys), present: fc.shuffledSubarray(keys), isOpen: fc.boolean() });
    fc.assert(
      fc.property(shape, ({ required, present, isOpen }) => {
        const properties = Object.fromEntries(keys.map((key) => [key, integer]));
        const schema = { type: "object", properties, required, additionalProperties: isOpen };
        const value = Object.fromEntries(present.map((key) => [key, 1]));
        const isRight =
          required.every((key) => present.includes(key)) && present.join("") === present.toSorted().join("");
        expect(engine(schemaGrammar(schema))(spaced(value))).toBe(isRight);
        expect(engine(schemaGrammar(schema))(spaced({ ...value, f: "x" }))).toBe(isRight && isOpen);
      }),
    );
  });
});

describe("combined schemas", () => {
  const [a, b] = [
    { properties: { a: { type: "integer" } } },
    { properties: { b: { type: "string" } }, required: ["b"] },
  ];
  const list = {
    $defs: {
      list: {
        type: "object",
        properties: { value: { type: "integer" }, next: { $ref: "#/$defs/list" } },
        required: ["value"],
      },
    },
    anyOf: [{ $ref: "#/$defs/list" }, { type: "null" }],
  };
  const cases: Case[] = [
    ["one of several schemas", { anyOf: [{ type: "integer" }, { const: "all" }] }, [1, "all"], ["none", null]],
    ["oneOf like anyOf", { oneOf: [{ type: "integer" }, { type: "number" }] }, [1, 1.5], ["1"]],
    ["allOf joins properties", { allOf: [a, b] }, [{ b: "x" }, { a: 1, b: "x" }], [{ a: 1 }, { b: "x", a: 1 }, {}]],
    [
      "allOf keeps the order in which keywords stand",
      { allOf: [b], properties: { a: { type: "integer" } } },
      [{ b: "x", a: 1 }],
      [{ a: 1, b: "x" }],
    ],
    [
      "one property in both",
      { allOf: [{ properties: { a: { minimum: 1 } } }, { properties: { a: { type: "integer", maximum: 2 } } }] },
      [{}, { a: 1 }],
      [{ a: 0 }, { a: 3 }],
    ],
    [
      "anyOf beside properties",
      { ...a, anyOf: [{ required: ["a"] }, b] },
      [{ a: 1 }, { b: "x" }, { a: 1, b: "x" }],
      [{}],
    ],
    [
      "enumerations in common",
      { allOf: [{ enum: [1, { x: 1, y: 2 }, "b"] }, { enum: ["b", { y: 2, x: 1 }] }] },
      ["b", { x: 1, y: 2 }],
      [1],
    ],
    [
      "a reference with more said beside it",
      { $defs: { n: { type: "integer" } }, $ref: "#/$defs/n", maximum: 3 },
      [3, -1],
      [4, "a"],
    ],
    [
      "references by pointer and by name",
      {
        definitions: { "a/b": { type: "null" }, n: { $anchor: "here", type: "boolean" } },
        anyOf: [{ $ref: "#/definitions/a~1b" }, { $ref: "#here" }],
      },
      [null, true],
      [1],
    ],
    [
      "a list that refers to itself",
      list,
      [null, { value: 1 }, { value: 1, next: { value: 2, next: { value: 3 } } }],
      [{ value: 1, next: null }, { next: { value: 1 } }],
    ],
    [
      "a tree that is its own document",
      { type: "object", properties: { of: { type: "array", items: { $ref: "#" } } } },
      [{}, { of: [{}, { of: [] }] }],
      [{ of: [1] }],
    ],
    [
      "nested null",
      { properties: { a: { anyOf: [{ type: "array", items: { type: ["null", "integer"] } }, { type: "null" }] } } },
      [{ a: null }, { a: [null, 1] }],
      [{ a: ["x"] }],
    ],
    ["a reference to nowhere", { $ref: "https://example.org/schema" }, [1, "a", {}], []],
    [
      "what nothing can satisfy is left to validation",
      { allOf: [{ type: "string" }, { type: "integer" }] },
      [1, "a"],
      [text("x")],
    ],
    ["a schema that is true", true, [1, "a", [{}], null], [text("x")]],
    ["a schema with nothing but a description", { description: "anything" }, [1, "a", {}], [text("x")]],
    ["the empty schema, which asks for an object", {}, [{}, { a: [1] }], [1, [], null]],
    ["the empty schema within another", { properties: { a: {} } }, [{ a: 1 }, { a: [null] }], [{ b: 1 }]],
  ];
  test.each(cases)("%s", (...one) => judge(one));
});

describe("blanks", () => {
  test("on one line, without any, or indented; not without end", () => {
    const admits = engine(schemaGrammar({ properties: { a: { items: { type: "integer" } }, b: {} } }));
    const value = { a: [1, 2], b: { c: null } };
    const written = [0, 1, 2, 4, "\t"].map((space) => JSON.stringify(value, undefined, space));
    expect([...written, spaced(value)].filter((one) => !admits(one))).toEqual([]);
    expect(['{"a":  [1]}', '{"a": [1 ]}', '{\n\n"a": [1]}', ' {"a": [1]}', '{"a" : [1]}'].filter(admits)).toEqual([
      '{"a": [1 ]}',
    ]);
  });
});
