import { join } from "node:path";

import { createLlamaModel, type LlamaModel } from "@trust-cli/core/models";
import type { ModelRequest } from "@trust-cli/core/ports";
import type { ToolChoice, ToolSignature } from "@trust-cli/core/protocol";
import { randomGguf, scriptedGguf } from "@trust-cli/core/testing";

import { alternate, type Benchmark, type Measurement } from "./benchmark.ts";
import { scratchHome } from "./scratch.ts";

const root = join(import.meta.dirname, "..", "..");
const { signal } = new AbortController();
const vocabularySize = 152_000;
const rounds = 7;
const tokens = 250;

function openModel(path: string): LlamaModel {
  return createLlamaModel({
    entry: { command: process.execPath, args: [join(root, "packages/cli/dist/bundle/host.js")] },
    spec: { path, contextSize: 2048 },
    id: "bench",
    templates: { entry: { path: join(root, "packages/cli/dist/bundle/template-worker.js"), execArgv: [] } },
    constrainedCalls: true,
    parallelCalls: false,
  });
}

const tool = (name: string, properties: ToolSignature["parameters"]["properties"] = {}): ToolSignature => ({
  name,
  description: "Does something",
  parameters: { type: "object", properties, required: Object.keys(properties) },
});

interface Run {
  model: LlamaModel;
  tools: ToolSignature[];
  temperature: number;
}

/** Milliseconds a token. No grammar is armed where no call may be made. */
async function timeToken({ model, tools, temperature }: Run, toolChoice: ToolChoice): Promise<number> {
  const messages: ModelRequest["messages"] = [{ role: "user", text: "Go on." }];
  const request: ModelRequest = { messages, tools, toolChoice, maxTokens: tokens, sampling: { temperature, seed: 1 } };
  for await (const event of model.stream(request, signal)) {
    if (event.type !== "finish") continue;
    const written = event.usage.outputTokens;
    if (written < tokens / 2) throw new Error(`only ${written} tokens were written: ${event.error?.message ?? ""}`);
    return 1000 / (event.tokensPerSecond ?? Number.NaN);
  }
  throw new Error("the reply has no end");
}

// oxlint-disable-next-line max-params -- one comparison
async function compare(name: string, run: Run, armed: ToolChoice, mostOverhead: number): Promise<Measurement> {
  await timeToken(run, armed);
  const { ours, theirs } = await alternate(
    rounds,
    () => timeToken(run, armed),
    () => timeToken(run, "none"),
  );
  const against = { name: "no grammar", value: theirs };
  return { name, value: ours, unit: "ms", against, goal: Number((theirs * (1 + mostOverhead)).toFixed(3)) };
}

/** The model says itself what the grammar admits. */
async function agreeing(folder: string): Promise<Measurement> {
  const path = join(folder, "agreeing.gguf");
  const words = Array.from({ length: tokens }, (_, index) => `word${index}, `);
  const head = ["<tool_call>", '{"name": "write_file", ', '"arguments": {"path": "a.txt", ', '"content": "'];
  await scriptedGguf(path, { replies: { first: [...head, ...words, '"}}', "</tool_call>"] }, vocabularySize });
  await using model = openModel(path);
  const tools = [tool("write_file", { path: { type: "string" }, content: { type: "string" } })];
  return await compare("a token, the grammar agrees", { model, tools, temperature: 0 }, "auto", 0.05);
}

/** Noise writes the content of a file, which admits most of what it would like to say, and numbers, which do not. */
async function disagreeing(folder: string): Promise<Measurement[]> {
  const path = join(folder, "disagreeing.gguf");
  await randomGguf(path, { seed: 7, chunks: ['"', '", ', "{", "}"], vocabularySize });
  await using model = openModel(path);
  const write = tool("write_file", { path: { type: "string" }, content: { type: "string" } });
  const sum = tool("sum", { values: { type: "array", items: { type: "integer" }, minItems: 200 } });
  const run = { model, tools: [write, sum], temperature: 0.7 };
  return [
    await compare("a token of noise, as text", run, { name: "write_file" }, 0.2),
    await compare("a token of noise, as numbers", run, { name: "sum" }, 0.2),
  ];
}

/** Decoding with a grammar and without, side by side in the same host, with as many tokens as large models have. */
export const armedGrammar: Benchmark = {
  name: "armed-grammar",
  async run() {
    using home = scratchHome();
    return [await agreeing(home.folder), ...(await disagreeing(home.folder))];
  },
};
