import { afterAll } from "vitest";

import { describeModelPort, type ModelScenario } from "../../../src/testing/model-port-suite.ts";
import { chunked, type ScriptedLlama, scriptedLlama } from "./llama-bench.ts";

/** A host takes a second to start, so that tests of the same scenario share one. */
const made = new Map<string, Promise<ScriptedLlama>>();
afterAll(async () => {
  for (const scripted of made.values()) await (await scripted)[Symbol.asyncDispose]();
});

/** A call as the dialect writes it, so that a scripted model can say it. */
const written = ({ name, args }: { name: string; args: unknown }): string =>
  `<tool_call>{"name": "${name}", "arguments": ${JSON.stringify(args)}}</tool_call>`;

function scriptedFor({ text = "", calls = [], slow = false }: ModelScenario): Promise<ScriptedLlama> {
  const first = [...chunked(text), ...calls.flatMap((call) => chunked(written(call)))];
  return scriptedLlama({ replies: { first }, loop: slow });
}

describeModelPort("llama", async (scenario) => {
  if (scenario.fails === true) return undefined;
  const key = JSON.stringify(scenario);
  const scripted = made.get(key) ?? scriptedFor(scenario);
  made.set(key, scripted);
  return { port: (await scripted).model, dispose: () => Promise.resolve() };
});
