import fc from "fast-check";
import { getLlama, type Llama, LlamaGrammar } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { hermesDialect, schemaGrammar } from "../../src/dialects/index.ts";
import type { TriggeredGrammar } from "../../src/dialects/types.ts";
import type { JsonSchema, ToolSignature } from "../../src/protocol/tool-call.ts";

let llama: Llama;
beforeAll(async () => {
  llama = await getLlama({ gpu: false, build: "never", maxThreads: 1 });
});
afterAll(() => llama.dispose());

/** Whether llama.cpp's own engine admits `text` as a whole. */
const admits = (gbnf: string, text: string): boolean =>
  // The library keeps its model-free test internal; the version is pinned exactly.
  (new LlamaGrammar(llama, { grammar: gbnf }) as unknown as { _testText(text: string): boolean })._testText(text);

/** JSON with the blanks that models were trained on. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${spaced(item)}`);
  return `{${pairs.join(", ")}}`;
}

const admitsValue = (schema: JsonSchema, value: unknown): boolean => admits(schemaGrammar(schema), spaced(value));

describe("a schema's grammar", () => {
  const cases: [string, JsonSchema, unknown[], unknown[]][] = [
    ["a string", { type: "string" }, ["", 'a "quoted" \\ 😀\n'], [1, null]],
    ["an integer", { type: "integer" }, [0, -7, 1234567890123456], [1.5, "1"]],
    ["a number", { type: "number" }, [0, -1.5, 1e21], ["1", true]],
    ["a boolean", { type: "boolean" }, [true, false], [null, "true"]],
    ["null", { type: "null" }, [null], [0]],
    ["an enumeration", { enum: ["a", 1, null, true, "ü\"'"] }, ["a", 1, null, true, "ü\"'"], ["b", 2, false]],
    ["a constant", { const: { a: [1, "x"] } }, [{ a: [1, "x"] }], [{ a: [1] }]],
    ["an array", { type: "array", items: { type: "integer" } }, [[], [1], [1, 2, 3]], [["a"], [1, "a"]]],
    ["one of several types", { type: ["string", "null"] }, ["a", null], [1]],
    ["one of several schemas", { anyOf: [{ type: "integer" }, { const: "all" }] }, [1, "all"], ["none"]],
    ["a map", { type: "object", additionalProperties: { type: "integer" } }, [{}, { a: 1, b: 2 }], [{ a: "x" }]],
    ["anything unknown", { $ref: "#/$defs/x" }, [1, "a", [1, {}], { a: { b: null } }], []],
    [
      "nested objects",
      {
        type: "object",
        properties: { in: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } },
      },
      [{}, { in: { a: "x" } }],
      [{ in: {} }, { in: { a: 1 } }, { in: { a: "x", b: 1 } }],
    ],
    [
      "an open object",
      { type: "object", properties: { a: { type: "integer" } }, required: ["a"], additionalProperties: true },
      [{ a: 1 }, { a: 1, b: [2], c: null }],
      [{}, { b: 1 }],
    ],
  ];

  test.each(cases)("admits %s and nothing else", (_name, schema, pass, fail) => {
    const gbnf = schemaGrammar(schema);
    expect(pass.filter((value) => !admits(gbnf, spaced(value)))).toEqual([]);
    expect(fail.filter((value) => admits(gbnf, spaced(value)))).toEqual([]);
  });

  test("admits any subset of the optional properties, in the schema's order, with all required ones", () => {
    const keys = ["a", "b", "c", "d", "e"];
    const shape = fc.record({ required: fc.subarray(keys), present: fc.subarray(keys) });
    fc.assert(
      fc.property(shape, ({ required, present }) => {
        const properties = Object.fromEntries(keys.map((key) => [key, { type: "integer" }]));
        const value = Object.fromEntries(present.map((key) => [key, 1]));
        const complete = required.every((key) => present.includes(key));
        expect(admitsValue({ type: "object", properties, required }, value)).toBe(complete);
      }),
      { numRuns: 60 },
    );
  });

  test("admits every JSON value where the schema says nothing", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const text = spaced(value);
        fc.pre(!/\d{16}/.test(text));
        expect(admits(schemaGrammar({}), text)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("keeps control characters out of strings and long runs of digits out of numbers", () => {
    expect(admits(schemaGrammar({ type: "string" }), '"a\nb"')).toBe(false);
    expect(admits(schemaGrammar({ type: "integer" }), "12345678901234567")).toBe(false);
    expect(admits(schemaGrammar({ type: "integer" }), "01")).toBe(false);
  });
});

const tools: ToolSignature[] = [
  {
    name: "read_file",
    description: "",
    parameters: {
      type: "object",
      properties: { path: { type: "string" }, from_line: { type: "integer" }, "über-key": { type: "boolean" } },
      required: ["path"],
    },
  },
  { name: "git_status", description: "", parameters: { type: "object", properties: {} } },
];

function grammar(...[choice, parallel = false]: [Parameters<Grammar>[1], boolean?]): TriggeredGrammar {
  const made = hermesDialect().grammar(tools, choice, parallel);
  if (made === undefined) throw new Error("no grammar");
  return made;
}
type Grammar = ReturnType<typeof hermesDialect>["grammar"];

describe("the grammar of calls", () => {
  const read = '{"name": "read_file", "arguments": {"path": "a.ts", "from_line": 3}}</tool_call>';
  const status = '{"name": "git_status", "arguments": {}}</tool_call>';

  test("sleeps until a call opens, and then admits calls of exactly the offered tools", () => {
    const { gbnf, triggers, root } = grammar("auto");
    expect({ triggers, root }).toEqual({ triggers: ["<tool_call>"], root: "root" });
    const pass = [read, status, `\n${read.replace("</", "\n</")}`];
    const fail = [
      read.replace("read_file", "read_files"),
      read.replace('"path": "a.ts", ', ""),
      read.replace("3}", '3, "other": 1}'),
      status.replace("{}", '{"path": "x"}'),
      read.replace('": "a', '":   "a'),
      `   ${read}`,
      `${read}\n<tool_call>${status}`,
      `${read} text`,
    ];
    expect(pass.filter((text) => !admits(gbnf, text))).toEqual([]);
    expect(fail.filter((text) => admits(gbnf, text))).toEqual([]);
  });

  test("admits further calls when they may be parallel", () => {
    const { gbnf } = grammar("auto", true);
    expect(admits(gbnf, `${read}\n<tool_call>${status}<tool_call>${read}`)).toBe(true);
  });

  test("holds from the first token when a call is required", () => {
    const { gbnf, triggers } = grammar("required");
    expect(triggers).toEqual([]);
    expect(admits(gbnf, `<tool_call>${read}`)).toBe(true);
    expect(admits(gbnf, read)).toBe(false);
  });

  test("admits only the tool that must be called", () => {
    const { gbnf } = grammar({ name: "git_status" });
    expect(admits(gbnf, `<tool_call>${status}`)).toBe(true);
    expect(admits(gbnf, `<tool_call>${read}`)).toBe(false);
  });

  test("is absent when no call may be made", () => {
    expect(hermesDialect().grammar(tools, "none", false)).toBeUndefined();
    expect(hermesDialect().grammar([], "auto", false)).toBeUndefined();
    expect(hermesDialect().grammar(tools, { name: "unknown" }, false)).toBeUndefined();
  });

  test("admits other spacing where the dialect is told to, but not endless blanks", () => {
    const flexible = hermesDialect({ strictSpacing: false }).grammar(tools, "auto", false)?.gbnf ?? "";
    expect(admits(flexible, read)).toBe(true);
    expect(admits(flexible, read.replaceAll(" ", ""))).toBe(true);
    expect(admits(flexible, read.replaceAll("{", "{\n  "))).toBe(true);
    expect(admits(flexible, read.replaceAll("{", "{\n\n"))).toBe(false);
  });
});
