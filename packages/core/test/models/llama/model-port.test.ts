import { afterAll } from "vitest";

import { describeModelPort, type ModelScenario } from "../../../src/testing/model-port-suite.ts";
import { chunked, randomLlama, type ScriptedLlama, scriptedLlama } from "./llama-bench.ts";

/** A host takes a second to start, so that tests of the same scenario share one. */
const made = new Map<string, Promise<ScriptedLlama>>();
afterAll(async () => {
  for (const scripted of made.values()) await (await scripted)[Symbol.asyncDispose]();
});

/** A call as the dialect writes it, so that a scripted model can say it, also from behind what a request forces. */
const written = ({ name, args }: { name: string; args: unknown }): string[] => [
  ...chunked(`<tool_call>{"name": "${name}", "arguments": `),
  ...chunked(`${JSON.stringify(args).replaceAll('":', '": ').replaceAll(',"', ', "')}}</tool_call>`),
];

/** With these weights a greedy reply ends its strings. */
const endingSeed = 3;

function scriptedFor({ text = "", calls = [], slow = false, obeys = false }: ModelScenario): Promise<ScriptedLlama> {
  // A script goes its own way; a model of noise has no other than that of the grammar.
  if (obeys) return randomLlama({ seed: endingSeed, chunks: ['"', '"}', '", '] });
  const first = [...chunked(text), ...calls.flatMap(written)];
  return scriptedLlama({ replies: { first }, loop: slow });
}

describeModelPort("llama", async (scenario) => {
  if (scenario.fails === true) return undefined;
  const key = JSON.stringify(scenario);
  const scripted = made.get(key) ?? scriptedFor(scenario);
  made.set(key, scripted);
  return { port: (await scripted).model, dispose: () => Promise.resolve() };
});
