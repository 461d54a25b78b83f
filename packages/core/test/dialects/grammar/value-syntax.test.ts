import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { argumentLists, argumentsExpression } from "../../../src/dialects/grammar/arguments-grammar.ts";
import { propertySequence } from "../../../src/dialects/grammar/property-sequence.ts";
import { GrammarRules, literal, sequence } from "../../../src/dialects/grammar/rules.ts";
import { schemaExpression, schemaGrammar } from "../../../src/dialects/grammar/schema-grammar.ts";
import {
  exactSeparators,
  flexibleSeparators,
  gemmaSyntax,
  jsonSyntax,
  pythonSyntax,
} from "../../../src/dialects/grammar/value-syntax.ts";
import type { JsonSchema } from "../../../src/protocol/tool-call.ts";
import { engine } from "./support/llama-engine.ts";

const schema = {
  type: "object",
  properties: {
    text: { type: "string" },
    short: { type: "string", maxLength: 3 },
    code: { type: "string", pattern: "^[a-z'\"]+$" },
    wide: { type: "string", pattern: "^.*x$" },
    kind: { enum: ["it's", 2, null, true] },
    list: { type: "array", items: { type: "boolean" } },
    map: { type: "object", additionalProperties: { type: "number" } },
  },
  additionalProperties: { type: "null" },
};

function expectJudged(gbnf: string, pass: readonly string[], fail: readonly string[]): void {
  const admits = engine(gbnf);
  expect(pass.filter((text) => !admits(text))).toEqual([]);
  expect(fail.filter(admits)).toEqual([]);
}

test("Python literals: both quotes, Python's escapes and names", () => {
  expectJudged(
    schemaGrammar(schema, pythonSyntax(exactSeparators)),
    [
      `{'text': 'it\\'s "é"\\n\\x00', "short": '日本語', 'kind': "it's"}`,
      `{"code": "a'\\"", 'wide': "'x", 'kind': 'it\\'s', "list": [True, False], 'map': {"a": -1.5e3}, 'z': None}`,
      `{"code": 'a\\'"', 'kind': None}`,
      `{'kind': True}`,
    ],
    [
      `{'text': 'a"}`,
      `{'list': [true]}`,
      `{'kind': null}`,
      `{'short': 'abcd'}`,
      `{'text': 'a\nb'}`,
      `{'text': None}`,
      `{'t\\x65xt': None}`,
    ],
  );
});

test("Python's blanks may be others where they are told to be", () => {
  const admits = engine(schemaGrammar(schema, pythonSyntax(flexibleSeparators)));
  expect(admits(`{'text':'a', "list":[\n    True,\n    False\n]}`)).toBe(true);
});

test("Gemma's dictionaries: bare keys, raw strings between markers, no blanks", () => {
  expectJudged(
    schemaGrammar(schema, gemmaSyntax),
    [
      `{text:<|"|>any "text" \\ \n <|" < <||><|"|>,list:[true,false],map:{a b:1,c:2.5},z:null}`,
      `{short:<|"|>lengths are left to validation<|"|>,code:<|"|>a'"<|"|>,wide:<|"|>a pattern that might write a marker is too<|"|>}`,
      `{kind:<|"|>it's<|"|>}`,
      `{kind:2}`,
      "{}",
    ],
    [
      `{"text":<|"|>a<|"|>}`,
      `{text:"a"}`,
      `{text: <|"|>a<|"|>}`,
      `{text:<|"|>a<|"|> ,z:null}`,
      `{code:<|"|>A<|"|>}`,
      `{text:null}`,
      `{kind:3}`,
      `{text:<|"|>a<|"|>b<|"|>}`,
    ],
  );
});

test("any string is written in each syntax as its reader reads it", () => {
  const any = { type: "string" };
  const [json, python, gemma] = [jsonSyntax(exactSeparators), pythonSyntax(exactSeparators), gemmaSyntax].map(
    (syntax) => ({
      any: engine(schemaGrammar(any, syntax)),
      exactly: (value: string) => engine(schemaGrammar({ const: value }, syntax)),
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (value, other) => {
      const asJson = JSON.stringify(value);
      expect(json?.any(asJson)).toBe(true);
      expect(json?.exactly(value)(asJson)).toBe(true);
      expect(json?.exactly(value)(JSON.stringify(other))).toBe(value === other);
      expect(python?.exactly(value)(`'${pythonEscaped(value)}'`)).toBe(true);
      expect(python?.any(`'${pythonEscaped(value)}'`)).toBe(true);
      expect(gemma?.any(`<|"|>${value}<|"|>`)).toBe(true);
    }),
  );
});

const pythonEscaped = (text: string): string =>
  text
    .replaceAll(/['\\]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    // oxlint-disable-next-line no-control-regex -- those that Python writes by number
    .replaceAll(/[\u0000-\u001f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);

describe("the arguments of a call", () => {
  const context = (parameters: JsonSchema, syntax = jsonSyntax(exactSeparators)) => ({
    rules: new GrammarRules(),
    syntax,
    root: parameters,
  });
  const asObject = (parameters: JsonSchema): ((text: string) => boolean) => {
    const within = context(parameters);
    within.rules.define("root", argumentsExpression(parameters, "arguments", within));
    return engine(within.rules.toString());
  };

  test("are {} where the tool has no parameters, whatever the schema leaves open", () => {
    const admits = asObject({ type: "object" });
    expect([admits("{}"), admits('{"a": 1}')]).toEqual([true, false]);
  });

  test("are any object where the schema can be no object, or too large", () => {
    const names = Array.from({ length: 300 }, (_, index) => [`p${index}`, {}]);
    expect(asObject({ type: "string" })('{"a": 1}')).toBe(true);
    expect(
      asObject({ type: "object", properties: Object.fromEntries(names) as Record<string, JsonSchema> })('{"p7": 1}'),
    ).toBe(true);
  });

  test("can be written as a Python call, by the list of what is required", () => {
    const parameters = {
      type: "object",
      properties: { a: { type: "integer" }, b: { $ref: "#/$defs/name" }, c: {} },
      required: ["b"],
      $defs: { name: { type: ["string", "null"] } },
    };
    const within = context(parameters, pythonSyntax(exactSeparators));
    const [list, ...others] = argumentLists(parameters, "arguments", within);
    expect(others).toEqual([]);
    const described = list?.known.map(({ name, required, types }) => [name, required, [...types].join(" ")]);
    expect(described).toEqual([
      ["a", false, "integer"],
      ["b", true, "string null"],
      ["c", false, "object array string number boolean null"],
    ]);
    const pairs = (list?.known ?? []).map(({ name, required, value }) => ({
      pair: sequence(literal(`${name}=`), value()),
      required,
    }));
    const content = propertySequence(pairs, { rules: within.rules, name: "arguments", separator: '", "' });
    within.rules.define("root", sequence('"f("', content, '")"'));
    expectJudged(
      within.rules.toString(),
      ["f(b='x')", "f(a=1, b=None)", "f(a=1, b='x', c=[True])"],
      ["f()", "f(a=1)", "f(b='x', a=1)", "f(b='x',)", "f(b=1)"],
    );
  });

  test("have a list for each alternative of the schema, and tell what further arguments may be", () => {
    const parameters = {
      type: "object",
      additionalProperties: { type: "integer" },
      anyOf: [{ properties: { a: {} } }, { properties: { b: {} }, required: ["b"] }],
    };
    const lists = argumentLists(parameters, "arguments", context(parameters));
    expect(lists.map(({ known }) => known.map(({ name, required }) => ({ name, required })))).toEqual([
      [{ name: "a", required: false }],
      [{ name: "b", required: true }],
    ]);
    expect(lists.map(({ further }) => [...(further?.types ?? [])])).toEqual([["integer"], ["integer"]]);
  });
});

test("a schema's expression may be another, by what the schema says and where it stands", () => {
  const asked: string[] = [];
  const rules = new GrammarRules();
  const root = {
    properties: {
      path: { type: "string", "x-known": true },
      more: { items: { properties: { path: { type: "string" } } } },
    },
  };
  const override = (part: JsonSchema, path: readonly string[]): string | undefined => {
    asked.push(path.join("/"));
    return part["x-known"] === true ? String.raw`"\"a.ts\""` : undefined;
  };
  rules.define("root", schemaExpression(root, "value", { rules, syntax: jsonSyntax(exactSeparators), root, override }));
  expect(asked).toEqual(["", "path", "more", "more/*", "more/*/path"]);
  expectJudged(rules.toString(), ['{"path": "a.ts", "more": [{"path": "b.ts"}]}'], ['{"path": "b.ts"}']);
});
