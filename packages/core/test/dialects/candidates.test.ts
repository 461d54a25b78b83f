import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createDialect, writeCalls } from "../../src/dialects/index.ts";
import type { ToolSignature } from "../../src/protocol/tool-call.ts";
import { formatFor } from "./formats.ts";
import { gbnfSampler } from "./grammar/support/gbnf-sampler.ts";
import { engine } from "./grammar/support/llama-engine.ts";

/** One for each way in which families write texts: JSON, raw text in tags, Python, quotes of their own. */
const families = [
  "NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use",
  "Qwen3.5-4B",
  "GLM-4.6",
  "MiniMax-M2",
  "LFM2-8B-A1B",
  "google-gemma-4-31B-it",
  "openai-gpt-oss-120b",
];

const readFile: ToolSignature = {
  name: "read_file",
  description: "Read a file",
  parameters: {
    type: "object",
    properties: { path: { type: "string" }, from_line: { type: "integer", minimum: 1, maximum: 9 } },
    required: ["path"],
  },
};
const other: ToolSignature = { ...readFile, name: "show_file" };

const letter = fc.constantFrom("a", "b", "/", ".", "_", "-", "[", "]", "(", ")", " ", "é", "'", "\\", '"');
const path = fc.string({ unit: letter, minLength: 1, maxLength: 6 });
const paths = fc.uniqueArray(path, { minLength: 1, maxLength: 12 });

describe.each(families)("the candidates of an argument, as %s writes it", (name) => {
  const format = formatFor(readFileSync(new URL(`corpus/templates/${name}.jinja`, import.meta.url), "utf8"));
  const dialect = createDialect(format);
  const written = (args: Record<string, unknown>, tool = "read_file"): string => {
    const header = format.messages?.callHeader.replace("{name}", tool) ?? "";
    return header + writeCalls(format.calls ?? raise(), [{ name: tool, args }], [readFile, other]);
  };
  const forced = (candidates: Parameters<typeof dialect.grammar>[3]) =>
    dialect.grammar([readFile], { name: "read_file" }, false, candidates) ?? raise();
  const pathsIn = (text: string): unknown[] => {
    const parser = dialect.parser({ tools: [readFile], prompt: [] });
    const events = [...parser.push(text), ...parser.end(false)];
    return events.flatMap((event) => (event.type === "call-end" ? [event.call.args["path"]] : []));
  };

  test("are each admitted, and no other value is", () => {
    fc.assert(
      fc.property(paths, path, fc.integer(), (known, unknown, seed) => {
        const { gbnf, root, forced: start } = forced({ read_file: { path: known } });
        const admits = engine(gbnf, root);
        for (const one of known) expect(admits(written({ path: one }).slice(start.length)), one).toBe(true);
        fc.pre(!known.includes(unknown));
        expect(admits(written({ path: unknown }).slice(start.length)), unknown).toBe(false);
        const sample = start + gbnfSampler(gbnf, root)(randomFrom(seed));
        expect(known, sample).toContain(pathsIn(sample)[0]);
      }),
      { numRuns: 40 },
    );
  });

  test("leave other arguments and other tools as they are", () => {
    const grammar = dialect.grammar([readFile, other], "required", false, { read_file: { path: ["a"] } }) ?? raise();
    const admits = engine(grammar.gbnf, grammar.root);
    const isAdmitted = (args: Record<string, unknown>, tool?: string): boolean =>
      admits(written(args, tool).slice(grammar.forced.length));
    expect(isAdmitted({ path: "a", from_line: 7 })).toBe(true);
    expect(isAdmitted({ path: "b", from_line: 7 })).toBe(false);
    expect(isAdmitted({ path: "b", from_line: 7 }, "show_file")).toBe(true);
  });

  test("are no limit when there are none", () => {
    const free = forced(undefined);
    expect(forced({ read_file: { path: [] } })).toEqual(free);
    expect(forced({ constructor: { path: ["a"] } })).toEqual(free);
  });
});

function raise(): never {
  throw new Error("this family has no calls");
}

/** Numbers from 0 to below 1 (Park and Miller). */
function randomFrom(seed: number): () => number {
  let state = (Math.abs(seed) % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state - 1) / 2_147_483_646;
  };
}
