import { readFileSync } from "node:fs";

import fc from "fast-check";
import { getLlama, type Llama, LlamaGrammar } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createDialect, type ToolFormat, writeCalls } from "../../src/dialects/index.ts";
import type { ToolSignature } from "../../src/protocol/tool-call.ts";
import { formatFor } from "./formats.ts";

/** One template for each way of writing calls that a template alone tells, or an entry knows. */
const families = [
  "NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use",
  "Qwen3.5-4B",
  "GLM-4.6",
  "MiniMax-M2",
  "deepseek-ai-DeepSeek-V4",
  "deepseek-ai-DeepSeek-V3.1",
  "llama-cpp-deepseek-r1",
  "moonshotai-Kimi-K2",
  "Mistral-Small-3.2-24B-Instruct-2506",
  "mistralai-Mistral-Nemo-Instruct-2407",
  "CohereForAI-c4ai-command-r7b-12-2024-tool_use",
  "meta-llama-Llama-3.1-8B-Instruct",
  "meetkai-functionary-medium-v3.1",
  "GigaChat3-10B-A1.8B",
  "LFM2-8B-A1B",
  "google-gemma-4-31B-it",
  "google-gemma-2-2b-it",
  "openai-gpt-oss-120b",
];

const formatOfFamily = (name: string): ToolFormat =>
  formatFor(readFileSync(new URL(`corpus/templates/${name}.jinja`, import.meta.url), "utf8"));

const tools: ToolSignature[] = [
  {
    name: "edit_file",
    description: "Edit",
    parameters: {
      type: "object",
      properties: {
        path: { type: "string" },
        line: { type: "integer" },
        whole: { type: "boolean" },
        options: { type: "object", properties: { mode: { enum: ["fast", "safe"] } }, required: ["mode"] },
        marks: { type: "array", items: { type: "string" } },
      },
      required: ["path"],
    },
  },
  { name: "list_files", description: "List", parameters: { type: "object", properties: {} } },
];

/** Texts of people and of code; families with raw strings cannot hold their own markers. */
const word = fc.constantFrom(
  "src/a.ts",
  "it's",
  'say "hi"',
  "a\\b",
  "über 😀",
  "1.5",
  "true",
  "{x: 1}",
  "# a\nb\n",
  "x < y",
);
const args = fc.record(
  {
    path: word,
    line: fc.integer({ min: -999, max: 999_999 }),
    whole: fc.boolean(),
    options: fc.record({ mode: fc.constantFrom("fast", "safe") }),
    marks: fc.array(word, { maxLength: 3 }),
  },
  { requiredKeys: ["path"] },
);

let llama: Llama;
beforeAll(async () => {
  llama = await getLlama({ gpu: false, build: "never", maxThreads: 1 });
});
afterAll(() => llama.dispose());

const admits = (gbnf: string, root: string, text: string): boolean =>
  // The library keeps its model-free test internal; the version is pinned exactly.
  (
    new LlamaGrammar(llama, { grammar: gbnf, rootRuleName: root }) as unknown as { _testText(text: string): boolean }
  )._testText(text);

/** The arguments in the schema's order, in which a grammar wants them. */
function ordered(value: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(tools[0]?.parameters.properties ?? {}).filter((key) => key in value);
  return Object.fromEntries(keys.map((key) => [key, value[key]]));
}

describe.each(families)("the family of %s", (name) => {
  const format = formatOfFamily(name);
  const dialect = createDialect(format);
  const callsOf = (text: string) => {
    const parser = dialect.parser({ tools, prompt: [] });
    return [...parser.push(text), ...parser.end(false)].flatMap((event) =>
      event.type === "call-end" ? [event.call] : [],
    );
  };
  const written = (value: Record<string, unknown>): string => {
    const { messages, calls } = format;
    if (calls === undefined) return "";
    const header = messages?.callHeader.replace("{name}", "edit_file") ?? "";
    return header + writeCalls(calls, [{ name: "edit_file", args: value }], tools);
  };

  test("reads the calls that it writes", () => {
    fc.assert(
      fc.property(args, (value) => {
        expect(callsOf(written(value))).toMatchObject([{ name: "edit_file", args: value }]);
      }),
      { numRuns: 60 },
    );
  });

  test("may be forced to call a tool, and its grammar admits what it writes and no other tool", () => {
    const grammar = dialect.grammar(tools, { name: "edit_file" }, false);
    if (grammar === undefined) throw new Error("no grammar");
    fc.assert(
      fc.property(args, (value) => {
        const text = written(ordered(value));
        expect(text.startsWith(grammar.forced)).toBe(true);
        expect(admits(grammar.gbnf, grammar.root, text.slice(grammar.forced.length)), text).toBe(true);
      }),
      { numRuns: 25 },
    );
    const other = written({ path: "a" })
      .replace('"path"', '"place"')
      .replace(/\bpath\b/, "place");
    expect(admits(grammar.gbnf, grammar.root, other.slice(grammar.forced.length))).toBe(false);
  });

  test("arms its grammar only when a call begins", () => {
    const grammar = dialect.grammar(tools, "auto", false);
    if (grammar === undefined) {
      expect(format.calls?.open).toBe("");
      return;
    }
    const [trigger = ""] = grammar.triggers;
    const text = written({ path: "src/a.ts", line: 3 });
    const rest = text.slice(text.indexOf(trigger) + trigger.length);
    expect(trigger).not.toBe("");
    expect(admits(grammar.gbnf, grammar.root, rest), text).toBe(true);
    expect(admits(grammar.gbnf, grammar.root, rest.replace("edit_file", "edit_all"))).toBe(false);
  });
});
