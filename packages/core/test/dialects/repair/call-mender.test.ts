import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createCallMender } from "../../../src/dialects/repair/index.ts";
import type { JsonSchema, ToolCall, ToolSignature } from "../../../src/protocol/index.ts";

const tool = (name: string, properties: Record<string, JsonSchema>, more: JsonSchema = {}): ToolSignature => ({
  name,
  description: "",
  parameters: { ...more, type: "object", properties },
});

const readFile = tool(
  "read_file",
  {
    path: { type: "string" },
    from_line: { type: "integer" },
    all: { type: "boolean" },
    globs: { type: "array", items: { type: "string" } },
  },
  { required: ["path"] },
);
const plot = tool("plot", {
  range: { type: "object", properties: { from: { type: "number" }, to: { type: "number" } }, required: ["from"] },
  unit: { enum: ["cm", "inch"] },
  size: { anyOf: [{ type: "integer" }, { type: "null" }] },
  shape: {
    oneOf: [
      { type: "object", properties: { kind: { const: "circle" }, radius: { type: "number" } }, required: ["kind"] },
      { type: "object", properties: { kind: { const: "label" }, radius: { type: "string" } }, required: ["kind"] },
    ],
  },
});

const call = (name: string, args: Record<string, unknown>, raw = JSON.stringify(args)): ToolCall => ({
  id: "call_1",
  name,
  args,
  raw,
  via: "native",
  repairs: [],
});

const mend = createCallMender([readFile, plot, tool("list", {})]);
const mended = (name: string, args: Record<string, unknown>, raw?: string) => {
  const result = mend(call(name, args, raw));
  return result.ok
    ? { name: result.call.name, args: result.call.args, repairs: result.call.repairs.map(({ kind }) => kind) }
    : result.errors;
};

describe("a call that is valid", () => {
  test("stays as it is, to the byte", () => {
    const valid = call("read_file", { path: "42", from_line: 3, globs: [] });
    expect(mend(valid)).toEqual({ ok: true, call: valid });
    expect(mend(valid)).toHaveProperty("call", valid);
  });

  test.each([{ size: null }, { size: 4 }, { shape: { kind: "label", radius: "3" } }])("needs no repair: %j", (args) => {
    expect(mended("plot", args)).toEqual({ name: "plot", args, repairs: [] });
  });
});

describe("a call with another form", () => {
  test.each([
    ["inside a wrapper", { arguments: { path: "a" } }, ["unwrap-arguments"]],
    ["inside two", { input: { parameters: { path: "a" } } }, ["unwrap-arguments", "unwrap-arguments"]],
    ["inside a wrapper that is a text", { args: `{"path": "a"}` }, ["unwrap-arguments"]],
    ["beside the tool's name", { name: "read_file", arguments: { path: "a" } }, ["unwrap-arguments"]],
    ["with null for what is optional", { path: "a", from_line: null }, ["drop-null"]],
  ])("%s is read for what it says", (_, args, repairs) => {
    expect(mended("read_file", args)).toEqual({ name: "read_file", args: { path: "a" }, repairs });
  });

  test.each([
    ["a number as text", { from_line: "42" }, { from_line: 42 }, "coerce"],
    ["a truth value as text", { all: "True" }, { all: true }, "coerce"],
    ["a list as text", { globs: '["*.ts", "*.md"]' }, { globs: ["*.ts", "*.md"] }, "unwrap-json"],
    ["a Python list as text", { globs: "['*.ts']" }, { globs: ["*.ts"] }, "unwrap-json"],
    ["one item for a list", { globs: "*.ts" }, { globs: ["*.ts"] }, "wrap-in-list"],
  ])("is fitted to the schema: %s", (_, args, fitted, repair) => {
    expect(mended("read_file", { path: "a", ...args })).toEqual({
      name: "read_file",
      args: { path: "a", ...fitted },
      repairs: [repair],
    });
  });

  test.each([
    ["nested values", { range: { from: "1.5", to: 2 } }, { range: { from: 1.5, to: 2 } }],
    ["a whole object as text", { range: '{"from": "1"}' }, { range: { from: 1 } }],
    ["a union", { size: "7" }, { size: 7 }],
    [
      "the form that a tag chooses",
      { shape: { kind: "circle", radius: "3" } },
      { shape: { kind: "circle", radius: 3 } },
    ],
  ])("is fitted inside %s", (_, args, fitted) => {
    expect(mended("plot", args)).toMatchObject({ args: fitted });
  });

  test("is a text where one is wanted, as long as the digits are those that were written", () => {
    expect(mended("read_file", { path: 42 })).toMatchObject({ args: { path: "42" }, repairs: ["coerce"] });
    expect(mended("read_file", { path: 1.1 }, '{"path": 1.10}')).toEqual(["path: must be string; got 1.1"]);
    expect(mended("read_file", { path: 1000 }, '{"path": 1e3}')).toEqual(["path: must be string; got 1000"]);
  });

  test("says in the log what was written and what it became", () => {
    const result = mend(call("read_file", { path: "a", from_line: "42" }));
    expect(result.call.repairs).toEqual([{ kind: "coerce", detail: 'from_line: "42" as 42' }]);
  });
});

describe("a call that would need a guess", () => {
  test.each([
    [{}, ["missing `path`"]],
    [{ path: null }, ["path: must be string; got null"]],
    [{ path: ["a"] }, ['path: must be string; got ["a"]']],
    [{ path: true }, ["path: must be string; got true"]],
    [{ path: "a", from_line: "4.5" }, ['from_line: must be integer; got "4.5"']],
    [{ path: "a", from_line: "12345678901234567890" }, ['from_line: must be integer; got "12345678901234567890"']],
    [{ path: "a", from_line: "4 lines" }, ['from_line: must be integer; got "4 lines"']],
    [{ path: "a", all: "yes" }, ['all: must be boolean; got "yes"']],
    [{ path: "a", globs: [1, { a: 1 }] }, ['globs[1]: must be string; got {"a":1}']],
    [{ file: "a" }, ["missing `path`", "unknown key `file`, did you mean `path`?"]],
    [{ path: "a", fromLine: 3 }, ["unknown key `fromLine`, did you mean `from_line`?"]],
    [{ path: "a", arguments: { path: "b" } }, ["unknown key `arguments`; the keys are path, from_line, all, globs"]],
  ])("is not made, and says what is wrong: %j", (args, errors) => {
    expect(mended("read_file", args)).toEqual(errors);
  });

  test.each([
    [{ range: { from: 1, until: 2 } }, ["range: unknown key `until`"]],
    [{ unit: "mm" }, ['unit: must be one of "cm", "inch"; got "mm"']],
    [{ unit: "CM" }, ['unit: must be one of "cm", "inch"; got "CM"']],
    [{ size: "big" }, ['size: must be integer or null; got "big"']],
    [{ shape: { kind: "square" } }, ['shape: has none of the forms that are allowed here; got {"kind":"square"}']],
  ])("is not made inside other values either: %j", (args, errors) => {
    expect(mended("plot", args)).toEqual(errors);
  });

  test("keeps what could be repaired of it", () => {
    const result = mend(call("functions.read_file", { from_line: "42" }));
    expect(result).toMatchObject({ ok: false, call: { name: "read_file", args: { from_line: 42 } } });
  });

  test("nested deeper than any honest one is refused", () => {
    const deep = JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`) as unknown;
    expect(mended("plot", { range: deep }, "")).toEqual(["nested too deeply"]);
  });
});

describe("a property that is called like a wrapper", () => {
  const run = createCallMender([
    tool(
      "run",
      { input: { type: "object", properties: { text: { type: "string" } } }, times: { type: "integer" } },
      { required: ["times"] },
    ),
  ]);

  test("is never taken for one", () => {
    const result = run(call("run", { input: { times: 1 } }));
    expect(result).toMatchObject({ ok: false, call: { args: { input: { times: 1 } } } });
  });
});

describe("values written in another form", () => {
  const signature = tool(
    "draw",
    {
      count: { type: "integer" },
      ratio: { type: "number" },
      on: { type: "boolean" },
      text: { type: "string" },
      tags: { type: "array", items: { type: "string" } },
      range: { type: "object", properties: { from: { type: "integer" } }, required: ["from"] },
    },
    { required: ["count", "ratio", "on", "text", "tags", "range"] },
  );
  const draw = createCallMender([signature]);
  const values = fc.record({
    count: fc.integer(),
    ratio: fc.double({ noNaN: true, noDefaultInfinity: true }),
    on: fc.boolean(),
    text: fc.string(),
    tags: fc.array(fc.string()),
    range: fc.record({ from: fc.integer() }),
  });
  const asText = fc.uniqueArray(fc.constantFrom("count", "ratio", "on", "tags", "range"));
  const wrapper = fc.constantFrom(undefined, "arguments", "parameters", "input", "args");

  test("are read back as what they were, and nothing else ever", () => {
    fc.assert(
      fc.property(values, asText, wrapper, fc.boolean(), (value, texts, wrap, wrapAsText) => {
        const written = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
        const args = { ...written };
        for (const key of texts) args[key] = JSON.stringify(args[key]);
        const whole = wrap === undefined ? args : { [wrap]: wrapAsText ? JSON.stringify(args) : args };
        const result = draw(call("draw", whole));
        expect(result).toMatchObject({ ok: true, call: { args: written } });
        expect(result.call.repairs).toHaveLength(texts.length + (wrap === undefined ? 0 : 1));
      }),
    );
  });
});

describe("the name of a tool", () => {
  test.each(["functions.read_file", "tool.read_file", "default_api.read_file", "READ_FILE", "read-file", "readFile"])(
    "is found in %s",
    (name) => {
      expect(mended(name, { path: "a" })).toEqual({
        name: "read_file",
        args: { path: "a" },
        repairs: ["resolve-name"],
      });
    },
  );

  test("is only suggested when it was misspelt", () => {
    expect(mended("reed_file", { path: "a" })).toEqual([
      "there is no tool named reed_file, did you mean read_file? the tools are read_file, plot, list",
    ]);
    expect(mended("launch", {})).toEqual(["there is no tool named launch; the tools are read_file, plot, list"]);
  });

  test("is exact before anything else, and never one of two", () => {
    const both = createCallMender([tool("get_item", {}), tool("get-item", {})]);
    expect(both(call("get-item", {}))).toMatchObject({ ok: true, call: { name: "get-item", repairs: [] } });
    expect(both(call("getItem", {}))).toMatchObject({ ok: false, errors: ["getItem may be get_item, get-item"] });
  });
});
