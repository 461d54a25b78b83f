import { readFileSync } from "node:fs";

import { getLlama, type Llama, LlamaGrammar } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import {
  createDialect,
  formatOf,
  hermesTags,
  qwenTags,
  type ToolFormat,
  writeCalls,
} from "../../src/dialects/index.ts";
import type { ParsedEvent } from "../../src/protocol/model-events.ts";
import type { JsonSchemaObject, ToolSignature } from "../../src/protocol/tool-call.ts";
import { formatFor } from "./formats.ts";

const family = (name: string): ToolFormat =>
  formatFor(readFileSync(new URL(`corpus/templates/${name}.jinja`, import.meta.url), "utf8"));

const toolWith = (parameters: JsonSchemaObject, name = "list"): ToolSignature => ({
  name,
  description: "",
  parameters,
});
const list = toolWith({ type: "object", properties: { path: { type: "string" } } });

function read(format: ToolFormat, text: string, pieces = [text], tools = [list]): ParsedEvent[] {
  const parser = createDialect(format, { nextCallId: () => "id" }).parser({ tools, prompt: [] });
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end(false)];
}

const textOf = (events: readonly ParsedEvent[]): string =>
  events.map((event) => (event.type === "text-delta" ? event.delta : "")).join("");
const kinds = (events: readonly ParsedEvent[]): string[] => [...new Set(events.map(({ type }) => type))];

describe("an answer that only speaks of calls", () => {
  const answers = [
    "Models write `<tool_call>` before, and `</tool_call>` after the JSON.",
    "- `<function=name>` opens a call",
    "Like so:\n```xml\n<tool_call>\n<function=list>\n</function>\n</tool_call>\n```\nThat is all.",
    '{"name": "list", "description": "a package that is named like a tool"}',
    "<s>old</s> new, and [INST] hello [/INST] here",
  ];

  test.each([
    "Qwen3-Coder",
    "Qwen-Qwen2.5-7B-Instruct",
    "meta-llama-Llama-3.1-8B-Instruct",
    "GLM-4.6",
    "google-gemma-2-2b-it",
  ])("is text for %s", (name) => {
    for (const answer of answers) {
      const events = read(family(name), answer);
      expect(kinds(events), answer).toEqual(["text-delta"]);
      expect(textOf(events)).toBe(answer);
    }
  });

  test("is text too where a model leaves out the headers of its family", () => {
    expect(textOf(read(family("openai-gpt-oss-120b"), "Hello\nWorld"))).toBe("Hello\nWorld");
  });
});

describe("a reply that is made to do harm", () => {
  const hostile: [string, string][] = [
    ["a hundred thousand brackets", `<tool_call>\n{"name": "list", "arguments": {"path": ${"[".repeat(100_000)}`],
    [
      "deep values",
      `<tool_call>\n<function=list>\n<parameter=a>\n${"[".repeat(8000)}${"]".repeat(8000)}\n</parameter>\n</function>\n</tool_call>`,
    ],
    ["leaks without an end", '{"name": "x"\n'.repeat(5000)],
    ["open tags without an end", `x\n${"<tool_call>\n".repeat(5000)}</tool_call>`],
    ["lists without an end", "[TOOL_CALLS][\n".repeat(5000)],
    ["very many blanks", `a${" ".repeat(100_000)}b`],
    [
      "a name without an end",
      `<tool_call>\n<function=${"a".repeat(205)}<tool_call>${"b".repeat(20)}>\n</function>\n</tool_call> tail`,
    ],
  ];

  test.each(hostile)("%s gives the same, whole and in pieces, and no exception", (_name, text) => {
    for (const format of [formatOf(hermesTags), formatOf(qwenTags), family("meta-llama-Llama-3.1-8B-Instruct")]) {
      const pieces = text.match(/.{1,997}/gsu) ?? [];
      const summary = (events: readonly ParsedEvent[]) => ({
        text: textOf(events),
        ends: events.filter(({ type }) => type === "call-end" || type === "call-invalid"),
      });
      expect(summary(read(format, text, pieces))).toEqual(summary(read(format, text)));
      expect(() => JSON.stringify(read(format, text))).not.toThrow();
    }
  });
});

describe("a grammar of tags or of Python", () => {
  let llama: Llama;
  beforeAll(async () => {
    llama = await getLlama({ gpu: false, build: "never", maxThreads: 1 });
  });
  afterAll(() => llama.dispose());

  const admits = (format: ToolFormat, tool: ToolSignature, args: Record<string, unknown>): boolean => {
    const grammar = createDialect(format).grammar([tool], { name: tool.name }, false);
    if (grammar === undefined || format.calls === undefined) throw new Error("no grammar");
    const rest = writeCalls(format.calls, [{ name: tool.name, args }], [tool]).slice(grammar.forced.length);
    // The library keeps its model-free test internal; the version is pinned exactly.
    const compiled = new LlamaGrammar(llama, { grammar: grammar.gbnf, rootRuleName: grammar.root });
    return (compiled as unknown as { _testText(text: string): boolean })._testText(rest);
  };

  test.each(["Qwen3-Coder", "deepseek-ai-DeepSeek-V4", "LFM2-8B-A1B"])(
    "admits all that a schema leaves open: %s",
    (name) => {
      const format = family(name);
      const closed = { type: "object", additionalProperties: false } as const;
      const either = toolWith({
        type: "object",
        anyOf: [
          { ...closed, properties: {} },
          { ...closed, properties: { p: { type: "string" } }, required: ["p"] },
        ],
      });
      expect([{}, { p: "a" }].map((args) => admits(format, either, args))).toEqual([true, true]);
      const free = toolWith({ type: "object", properties: {}, additionalProperties: true });
      expect([{}, { k: "v" }].map((args) => admits(format, free, args))).toEqual([true, true]);
      const union = toolWith({
        type: "object",
        properties: { v: { type: ["string", "integer", "null"] } },
        required: ["v"],
      });
      expect([3, null, "text"].map((v) => admits(format, union, { v }))).toEqual([true, true, true]);
    },
  );
});
