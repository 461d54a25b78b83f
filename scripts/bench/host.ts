import { join } from "node:path";

import { createLlamaModel, type LlamaModel } from "@trust-cli/core/models";
import type { ModelRequest } from "@trust-cli/core/ports";
import { scriptedGguf } from "@trust-cli/core/testing";

import { type Benchmark, median } from "./benchmark.ts";
import { scratchHome } from "./scratch.ts";

const root = join(import.meta.dirname, "..", "..");

const nano = (): LlamaModel => localModel(join(root, "packages/core/nano/nano.gguf"));

function localModel(path: string): LlamaModel {
  return createLlamaModel({
    entry: { command: process.execPath, args: [join(root, "packages/cli/dist/bundle/host.js")] },
    spec: { path },
    id: "nano",
    templates: { entry: { path: join(root, "packages/cli/dist/bundle/template-worker.js"), execArgv: [] } },
    constrainedCalls: false,
    parallelCalls: false,
  });
}

const ask = (text: string, maxTokens: number): ModelRequest => ({
  messages: [{ role: "user", text }],
  tools: [],
  toolChoice: "none",
  maxTokens,
  sampling: { temperature: 0 },
});

export async function countNanoTokens(text: string): Promise<number> {
  await using model = nano();
  return await model.countTokens({ messages: [{ role: "user", text }], tools: [] }, new AbortController().signal);
}

/** Milliseconds from the abort to the end of the stream. */
async function abortLatency(model: LlamaModel, request: ModelRequest, when: "prefill" | "text-delta"): Promise<number> {
  const controller = new AbortController();
  let aborted = 0;
  for await (const event of model.stream(request, controller.signal)) {
    if (event.type !== when || aborted > 0) continue;
    if (event.type === "prefill" && event.done === event.total) continue;
    aborted = performance.now();
    controller.abort();
  }
  return performance.now() - aborted;
}

const abort: Benchmark = {
  name: "abort",
  async run() {
    using home = scratchHome();
    const endless = join(home.folder, "endless.gguf");
    await scriptedGguf(endless, { replies: { first: ["one ", "more ", "word "] }, loop: true, contextLength: 8192 });
    await using reader = nano();
    await using writer = localModel(endless);
    const reading: number[] = [];
    const writing: number[] = [];
    for (let round = 0; round < 9; round++) {
      reading.push(
        await abortLatency(reader, ask(`round ${round} ${"lorem ipsum dolor ".repeat(450)}`, 50), "prefill"),
      );
      writing.push(await abortLatency(writer, ask(`round ${round}`, 4000), "text-delta"));
    }
    return [
      {
        name: "abort while the prompt is read, worst",
        value: Math.max(...reading),
        unit: "ms",
        against: undefined,
        goal: 150,
      },
      { name: "abort while writing, worst", value: Math.max(...writing), unit: "ms", against: undefined, goal: 150 },
    ];
  },
};

/** From kill -9 of the host to the next text, without the time the reload takes. */
const restart: Benchmark = {
  name: "host-restart",
  async run() {
    await using model = nano();
    const signal = new AbortController().signal;
    const gaps: number[] = [];
    for (let round = 0; round < 3; round++) {
      let killed = 0;
      for await (const event of model.stream(ask(`tell me about file number ${round}`, 300), signal)) {
        if (event.type === "text-delta" && killed === 0 && model.hostPid !== undefined) {
          killed = performance.now();
          process.kill(model.hostPid, "SIGKILL");
        } else if (event.type === "text-delta" && killed > 0) {
          gaps.push(performance.now() - killed);
          break;
        }
      }
    }
    return [
      {
        name: "host killed, text goes on, reload included",
        value: median(gaps),
        unit: "ms",
        against: undefined,
        goal: 3000,
      },
    ];
  },
};

export const hostBenchmarks: readonly Benchmark[] = [abort, restart];
