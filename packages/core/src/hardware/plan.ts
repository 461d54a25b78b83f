import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { sizeText } from "../protocol/size-text.ts";
import { choosePlan, type Choice, type LoadCase, waysToKeep } from "./choose-plan.ts";
import { offloadableLayers } from "./demand.ts";
import type { GpuFacts } from "./gpu.ts";
import { budgetFor, type LoadWish } from "./load-wish.ts";
import type { Machine } from "./machine.ts";
import type { KvType } from "./memory.ts";
import type { ModelFacts } from "./model-facts.ts";
import { refusal } from "./refusal.ts";
import { computeCores, threadsFor } from "./threads.ts";

/** How a model is to lie in memory, decided before anything is allocated. Sizes in bytes, lengths in tokens. */
export interface LoadPlan {
  backend: "cpu" | GpuFacts["backend"];
  /** The output counts as one; 0 on a CPU. */
  gpuLayers: number;
  /** Of each sequence. */
  contextSize: number;
  sequences: number;
  batchSize: number;
  kvType: KvType;
  flashAttention: boolean;
  useMmap: boolean;
  useDirectIo: boolean;
  threads: number;
  weightsBytes: number;
  kvBytes: number;
  computeBytes: number;
  ramBytes: number;
  vramBytes: number;
  /** Of `ramBytes`: weights that are mapped from the file, which the system can take back. */
  mappedBytes: number;
  /** Why so, in short sentences. */
  reasons: string[];
}

/**
 * Where the model goes and how large its context is. MODEL_INVALID when more context is asked for than the model was
 * made for; MODEL_FAILED when it does not fit, with what would in the hint.
 */
export function planLoad(
  facts: ModelFacts,
  machine: Machine,
  gpu: GpuFacts | undefined,
  wish: LoadWish,
): Result<LoadPlan> {
  const { contextLength } = facts;
  if (wish.contextSize !== undefined && wish.contextSize > contextLength) {
    const asked = `a context of ${wish.contextSize} tokens was asked for, but the model was made for ${contextLength}`;
    return failure(new TrustError("MODEL_INVALID", asked, { hint: `trust config set context.size ${contextLength}` }));
  }
  const load: LoadCase = { facts, machine, gpu, wish };
  if (waysToKeep(load).length === 0) {
    const why = `keys and values of this model cannot be kept in ${wish.kvType}: they do not fill its blocks of 32`;
    return failure(new TrustError("MODEL_INVALID", why, { hint: "keep them in f16" }));
  }
  const choice = choosePlan(load);
  return choice === undefined ? failure(refusal(load)) : ok(describe(load, choice));
}

function describe(load: LoadCase, { shape, gpuLayers, demand }: Choice): LoadPlan {
  const { facts, machine, gpu, wish } = load;
  // Mapped weights on their way to a GPU would push everything else out of a small RAM's page cache.
  const passesThrough = gpuLayers > 0 && demand.vramWeightsBytes > machine.availableBytes && gpu?.unified !== true;
  return {
    backend: gpuLayers === 0 || gpu === undefined ? "cpu" : gpu.backend,
    gpuLayers,
    ...shape,
    useMmap: !passesThrough,
    useDirectIo: passesThrough,
    threads: threadsFor(computeCores(machine), wish.threads),
    weightsBytes: facts.weightsBytes,
    kvBytes: demand.kvBytes,
    computeBytes: demand.computeBytes,
    ramBytes: demand.ramBytes,
    vramBytes: demand.vramBytes,
    mappedBytes: passesThrough ? 0 : demand.ramWeightsBytes,
    reasons: reasonsFor(load, { shape, gpuLayers, demand }),
  };
}

function reasonsFor(load: LoadCase, choice: Choice): string[] {
  const { kvType, sequences, flashAttention } = choice.shape;
  const { machine, wish } = load;
  const said = [contextReason(load, choice), gpuReason(load, choice)];
  if (kvType !== "f16")
    said.push(`Keys and values in ${kvType}: ${wish.kvType === kvType ? "asked for" : "f16 does not fit"}.`);
  if (sequences > 1 && wish.sequences === undefined)
    said.push(`${sequences} conversations at a time: their memory is cheap.`);
  if (!flashAttention) said.push("Plain attention: faster on a CPU for a narrow model.");
  const fast = machine.efficiencyCores > 0 ? "fast core" : "core";
  said.push(wish.threads === undefined ? `Threads: one for each ${fast} that may be used.` : "Threads: as asked for.");
  return said.filter((reason) => reason !== undefined);
}

function contextReason({ facts, machine, gpu, wish }: LoadCase, { shape: { contextSize } }: Choice): string {
  if (wish.contextSize !== undefined) return `Context of ${contextSize} tokens: asked for.`;
  if (contextSize === facts.contextLength)
    return `Context of ${contextSize} tokens: all that the model was trained for.`;
  if (contextSize >= 16_384) return `Context of ${contextSize} tokens: the usual size.`;
  const { ramBytes } = budgetFor(machine, gpu, wish);
  return `Context of ${contextSize} tokens: more does not fit into ${sizeText(ramBytes)}.`;
}

function gpuReason({ facts, machine, gpu, wish }: LoadCase, { gpuLayers }: Choice): string | undefined {
  if (gpu === undefined) return undefined;
  const all = offloadableLayers(facts);
  const failed = wish.failedGpuLayers ?? [];
  if (gpuLayers === all) return `All ${all} layers on the GPU.`;
  const how = `${gpuLayers === 0 ? "No" : gpuLayers} of ${all} layers on the GPU`;
  if (failed.length > 0) return `${how}: the process died with ${failed.join(" and then ")}.`;
  if (wish.gpuLayers !== undefined) return `${how}: asked for.`;
  return `${how}: more does not fit into ${sizeText(budgetFor(machine, gpu, wish).vramBytes)} of its memory.`;
}
