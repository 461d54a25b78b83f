import { describe, expect, test } from "vitest";

import { createCallMender } from "../../../src/dialects/repair/index.ts";
import type { JsonSchema, JsonSchemaObject } from "../../../src/protocol/index.ts";

/** What the tool `f` with these parameters makes of these arguments. */
function judge(parameters: JsonSchema, args: Record<string, unknown>) {
  const mend = createCallMender([{ name: "f", description: "", parameters: parameters as JsonSchemaObject }]);
  const result = mend({ id: "c", name: "f", args, raw: JSON.stringify(args), via: "native", repairs: [] });
  return result.ok ? { args: result.call.args, repairs: result.call.repairs.map(({ kind }) => kind) } : result.errors;
}

const fine = (args: Record<string, unknown>) => ({ args, repairs: [] });

describe("schemas that others write", () => {
  test("may name types as Python does", () => {
    const schema = {
      type: "dict",
      properties: { ratio: { type: "float" }, names: { type: "list", items: { type: "str" } }, any: { type: "any" } },
      required: ["ratio"],
    };
    expect(judge(schema, { ratio: 0.5, names: ["a"], any: {} })).toEqual(fine({ ratio: 0.5, names: ["a"], any: {} }));
    expect(judge(schema, { ratio: "x" })).toEqual(['ratio: must be number; got "x"']);
  });

  test("may list the items of a tuple in the older way", () => {
    const schema = {
      type: "object",
      properties: { pair: { type: "array", items: [{ type: "integer" }, { type: "string" }] } },
    };
    expect(judge(schema as unknown as JsonSchema, { pair: ["1", "a"] })).toMatchObject({ args: { pair: [1, "a"] } });
    expect(judge(schema as unknown as JsonSchema, { pair: ["x", "a"] })).toEqual(['pair[0]: must be integer; got "x"']);
  });

  test("may be open to other keys, when they say so or name none", () => {
    expect(judge({ type: "object" }, { a: 1 })).toEqual(fine({ a: 1 }));
    expect(judge({ type: "object", properties: {}, additionalProperties: true }, { a: 1 })).toEqual(fine({ a: 1 }));
    expect(judge({ type: "object", properties: {} }, { a: 1 })).toEqual(["unknown key `a`"]);
  });

  test("may be composed, and are closed as a whole", () => {
    const named = { properties: { name: { type: "string" } }, required: ["name"] };
    const schema = {
      type: "object",
      allOf: [{ $ref: "#/$defs/named" }, { properties: { size: { type: "integer" } } }],
      $defs: { named },
    };
    expect(judge(schema, { name: "a", size: 1 })).toEqual(fine({ name: "a", size: 1 }));
    expect(judge(schema, { name: "a", size: "1" })).toMatchObject({ args: { name: "a", size: 1 } });
    expect(judge(schema, { name: "a", colour: 1 })).toEqual(["unknown key `colour`"]);
  });

  test("may leave a choice, in which each form is closed", () => {
    const cat = { type: "object", properties: { lives: { type: "integer" } } };
    const dog = { type: "object", properties: { tricks: { type: "string" } } };
    const schema = { type: "object", properties: { pet: { anyOf: [cat, { $ref: "#/$defs/dog" }] } }, $defs: { dog } };
    expect(judge(schema, { pet: { tricks: "roll" } })).toEqual(fine({ pet: { tricks: "roll" } }));
    expect(judge(schema, { pet: { lives: 9, tricks: "roll" } })).toHaveLength(1);
  });

  test("may be recursive", () => {
    const schema = {
      type: "object",
      properties: { value: { type: "integer" }, next: { $ref: "#" } },
      required: ["value"],
    };
    expect(judge(schema, { value: 1, next: { value: "2", next: { value: 3 } } })).toMatchObject({
      args: { value: 1, next: { value: 2, next: { value: 3 } } },
    });
    expect(judge(schema, { value: 1, next: { next: {} } })).toContain("next: missing `value`");
  });

  test("may be of another draft, and carry an id", () => {
    const schema = {
      $schema: "http://json-schema.org/draft-07/schema#",
      $id: "https://a.example/s",
      type: "object",
      properties: { a: { type: "string", format: "date" } },
    };
    expect(judge(schema, { a: "2026-01-31" })).toEqual(fine({ a: "2026-01-31" }));
    expect(judge({ ...schema, title: "again" }, { a: "soon" })).toEqual(['a: must match format "date"; got "soon"']);
  });
});

describe("schemas made to harm", () => {
  const long = `${"a".repeat(60)}!`;

  test.each([
    ["a pattern that backtracks without end", { a: { type: "string", pattern: "^(a+)+$" } }],
    ["such a pattern for keys", { a: { type: "object", patternProperties: { "^(a+)+$": {} } } }],
  ])("cannot hang a turn: %s", (_, properties) => {
    const args = { a: "pattern" in properties.a ? long : { [long]: 1 } };
    expect(judge({ type: "object", properties }, args)).toEqual([
      "the arguments take too long to check; write them simpler",
    ]);
  });

  test("cannot hang a turn: unions that double at every step", () => {
    const double = (name: string) => ({ anyOf: [{ $ref: `#/$defs/${name}` }, { $ref: `#/$defs/${name}` }] });
    const $defs = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`d${index}`, double(`d${index + 1}`)]));
    const schema = {
      type: "object",
      properties: { a: { $ref: "#/$defs/d0" } },
      $defs: { ...$defs, d40: { type: "null" } },
    };
    expect(judge(schema, { a: 1 })).toEqual(["the arguments take too long to check; write them simpler"]);
  });

  test("cannot overflow the stack", () => {
    expect(judge({ type: "object", properties: { a: { $ref: "#/properties/a" } } }, { a: 1 })).toBeDefined();
  });

  test("cannot answer later than the check is asked", () => {
    expect(
      judge({ $async: true, type: "object", properties: { a: { type: "string" } } }, { a: 1.5, b: 1 }),
    ).toHaveLength(1);
  });

  test.each([
    ["an unknown reference", { a: { $ref: "https://a.example/other" } }],
    ["a broken pattern", { a: { pattern: "(" } }],
    ["no type at all", { a: { type: "colour" } }],
  ])("leave their own tool unchecked, which is logged: %s", (_, properties) => {
    expect(judge({ type: "object", properties }, { a: "x" })).toEqual({ args: { a: "x" }, repairs: ["unchecked"] });
  });

  test("leave their own tool unchecked when they are nested without end", () => {
    let schema: JsonSchema = { type: "string" };
    for (let depth = 0; depth < 500; depth++) schema = { type: "object", properties: { a: schema } };
    expect(judge(schema, { a: {} })).toMatchObject({ repairs: ["unchecked"] });
  });

  test("cannot reach the prototype of objects", () => {
    const schema = JSON.parse(
      '{"type": "object", "properties": {"__proto__": {"type": "string"}, "constructor": {"type": "integer"}}}',
    ) as JsonSchema;
    expect(judge(schema, JSON.parse('{"constructor": "4"}') as Record<string, unknown>)).toMatchObject({
      args: { constructor: 4 },
    });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
