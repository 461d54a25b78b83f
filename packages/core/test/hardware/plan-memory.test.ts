import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { type LoadPlan, type LoadWish, planLoad, readMachine } from "../../src/hardware/index.ts";
import { readModelFacts } from "../../src/models/gguf/index.ts";
import { type Llama, openLlama } from "../../src/models/llama/host/addon.ts";
import { LlamaLog } from "../../src/models/llama/host/llama-log.ts";
import { openContext, openWeights } from "../../src/models/llama/host/loaded-model.ts";
import { type GgufShape, scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "../../src/testing/index.ts";

const narrow: GgufShape = { layers: 2, width: 256, heads: 8, keyValueHeads: 4, feedForward: 256, type: "f16" };
const wide: GgufShape = { layers: 2, width: 1024, heads: 8, keyValueHeads: 4, feedForward: 2816, type: "q8_0" };

let folder: TemporaryWorkspace;
let llama: Llama;
beforeAll(async () => {
  folder = await temporaryWorkspace();
  llama = await openLlama("cpu", new LlamaLog(() => undefined), undefined);
  const script = { replies: { first: ["Hi"] }, contextLength: 32_768 };
  await scriptedGguf(join(folder.path, "narrow.gguf"), { ...script, shape: narrow });
  await scriptedGguf(join(folder.path, "wide.gguf"), { ...script, shape: wide, vocabularySize: 16_000 });
});
afterAll(() => folder[Symbol.asyncDispose]());

function planned(path: string, wish: LoadWish): LoadPlan {
  const facts = readModelFacts(path);
  const plan = facts.ok ? planLoad(facts.value, readMachine(), undefined, wish) : facts;
  if (!plan.ok) throw plan.error;
  return plan.value;
}

/** What llama.cpp allocates for a context with the scratch space; it does not count the weights here. */
async function allocated(path: string, plan: LoadPlan): Promise<number> {
  const { contextSize, sequences, batchSize, flashAttention, kvType } = plan;
  const signal = AbortSignal.timeout(60_000);
  const request = { type: "load", request: 1, path } as const;
  const weights = await openWeights(llama, request, { plan, signal, onProgress: () => undefined });
  const type = llama.addon.getGgmlType(kvType.toUpperCase());
  if (type === undefined) throw new Error(`there is no type ${kvType}`);
  const context = await openContext(weights, {
    contextSize: contextSize * sequences,
    sequences,
    batchSize,
    threads: 1,
    flashAttention,
    kvCacheKeyType: type,
    kvCacheValueType: type,
  });
  const { cpuRam } = context.getMemoryBreakdown();
  await context.dispose();
  await weights.model.dispose();
  return cpuRam;
}

/** A smaller plan would promise what does not fit, a larger one refuse what does. */
const least = 0.97;
const most = 1.35;

test.each<[string, LoadWish]>([
  ["narrow", {}],
  ["narrow", { contextSize: 1024 }],
  ["narrow", { contextSize: 16_384, sequences: 1, kvType: "q8_0" }],
  ["narrow", { contextSize: 32_768, sequences: 2 }],
  ["wide", {}],
  ["wide", { contextSize: 1024, sequences: 1 }],
  ["wide", { contextSize: 16_384, sequences: 3, kvType: "q4_0" }],
])("a %s model with %j takes what its plan says, or up to a third less", async (name, wish) => {
  const path = join(folder.path, `${name}.gguf`);
  const plan = planned(path, wish);
  expect(plan.ramBytes).toBe(plan.weightsBytes + plan.kvBytes + plan.computeBytes);
  const ratio = (plan.kvBytes + plan.computeBytes) / (await allocated(path, plan));
  expect(ratio).toBeGreaterThan(least);
  expect(ratio).toBeLessThan(most);
});
