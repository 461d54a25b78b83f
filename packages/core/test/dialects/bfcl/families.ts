import { readFileSync } from "node:fs";

import {
  createCallMender,
  createDialect,
  formatOf,
  hermesTags,
  qwenTags,
  type ToolFormat,
  writeCalls,
} from "../../../src/dialects/index.ts";
import type { ToolSignature } from "../../../src/protocol/tool-call.ts";
import { formatFor } from "../formats.ts";
import { engine } from "../grammar/support/llama-engine.ts";

const fromTemplate = (name: string): ToolFormat =>
  formatFor(readFileSync(new URL(`../corpus/templates/${name}.jinja`, import.meta.url), "utf8"));

/** Families that write values in different ways. */
export const families: readonly (readonly [string, ToolFormat])[] = [
  ["JSON in Hermes' tags", formatOf(hermesTags)],
  ["raw values in Qwen's tags", formatOf(qwenTags)],
  ["Python calls", fromTemplate("LFM2-8B-A1B")],
  ["Gemma's dictionaries", fromTemplate("google-gemma-4-31B-it")],
];

/** Whether llama.cpp, bound to a forced call of one of the functions, could write a call in the family's syntax. */
export function grammarJudge(
  format: ToolFormat,
  functions: readonly ToolSignature[],
  name: string,
): (args: Record<string, unknown>) => boolean {
  const grammar = createDialect(format).grammar(functions, "required", false);
  if (grammar === undefined || format.calls === undefined) throw new Error("the family has no calls");
  const { calls } = format;
  const admits = engine(grammar.gbnf, grammar.root);
  return (args) => {
    const text = writeCalls(calls, [{ name, args }], functions);
    return text.startsWith(grammar.forced) && admits(text.slice(grammar.forced.length));
  };
}

/** Whether the schema admits a call as it stands: one that must be repaired first is not admitted. */
export function validatorJudge(
  functions: readonly ToolSignature[],
  name: string,
): (args: Record<string, unknown>) => boolean {
  const mend = createCallMender(functions);
  return (args) => {
    const result = mend({ id: "call_1", name, args, raw: JSON.stringify(args), via: "native", repairs: [] });
    return result.ok && result.call.repairs.length === 0;
  };
}
