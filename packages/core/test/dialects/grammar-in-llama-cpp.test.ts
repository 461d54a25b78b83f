import { getLlama, type Llama, LlamaGrammar } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createDialect, type DialectOptions, formatOf, hermesTags } from "../../src/dialects/index.ts";
import type { TriggeredGrammar } from "../../src/dialects/types.ts";
import type { ToolSignature } from "../../src/protocol/tool-call.ts";

const hermesDialect = (options: DialectOptions = {}) => createDialect(formatOf(hermesTags), options);

let llama: Llama;
beforeAll(async () => {
  llama = await getLlama({ gpu: false, build: "never", maxThreads: 1 });
});
afterAll(() => llama.dispose());

/** Whether llama.cpp's own engine admits `text` as a whole. */
const admits = (gbnf: string, text: string): boolean =>
  // The library keeps its model-free test internal; the version is pinned exactly.
  (new LlamaGrammar(llama, { grammar: gbnf }) as unknown as { _testText(text: string): boolean })._testText(text);

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

  test("goes on behind all that is certain when a call is required", () => {
    const { gbnf, triggers, forced } = grammar("required");
    const whole = (text: string): string => `<tool_call>\n${text}`;
    expect({ triggers, forced }).toEqual({ triggers: [], forced: '<tool_call>\n{"name": "' });
    expect([read, status].map((text) => admits(gbnf, whole(text).slice(forced.length)))).toEqual([true, true]);
    expect(admits(gbnf, `${whole(read)} text`.slice(forced.length))).toBe(false);
  });

  test("writes the name itself where only one tool may be called", () => {
    const { gbnf, forced } = grammar({ name: "git_status" });
    expect(forced).toBe('<tool_call>\n{"name": "git_status", "arguments": ');
    expect(admits(gbnf, "{}}</tool_call>")).toBe(true);
    expect(admits(gbnf, '{"path": "a"}}</tool_call>')).toBe(false);
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
