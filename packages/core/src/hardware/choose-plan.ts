import { type Demand, demandOf, offloadableLayers } from "./demand.ts";
import type { GpuFacts } from "./gpu.ts";
import { type Budget, budgetFor, type LoadWish } from "./load-wish.ts";
import type { Machine } from "./machine.ts";
import { admitsKvType, type ContextShape, type KvType } from "./memory.ts";
import type { ModelFacts } from "./model-facts.ts";
import { largestCount } from "./search.ts";

/** A model, where it is to run, and what was asked for. */
export interface LoadCase {
  facts: ModelFacts;
  machine: Machine;
  gpu: GpuFacts | undefined;
  wish: LoadWish;
}

export interface Choice {
  shape: ContextShape;
  gpuLayers: number;
  demand: Demand;
}

/** The context when nobody asked for one: enough for real work, small enough for a laptop. */
const usualContext = 16_384;
/** Less is of little use for work on code. */
const leastContext = 4096;
const contextStep = 1024;
const usualBatch = 512;
/** Prefill is about as fast with it on a CPU, and scratch space, which a large vocabulary makes large, is a quarter. */
const smallBatch = 128;
const mostSequences = 4;
/** Further sequences may take this share of what a model may use. */
const sequencesShare = 0.15;
/** All of it is zeroed while the model is loaded: a gigabyte of RAM takes half a second. */
const sequencesBytes = 256 * 2 ** 20;
/**
 * Up to this width llama.cpp's flash attention on a CPU, fast only for batches of 64 and more, is slower than
 * plain attention by far (ADR 8).
 */
const plainAttentionWidth = 512;

/**
 * The first that fits, of all contexts from large to small, ways of keeping them from exact to coarse, and numbers of
 * layers on the GPU from many to few; then as many sequences as are cheap. So more memory never gives a smaller plan.
 */
export function choosePlan(load: LoadCase): Choice | undefined {
  const budget = budgetFor(load.machine, load.gpu, load.wish);
  const isGood = ({ demand }: Choice): boolean => fits(demand, budget);
  for (const contextSize of contextSizes(load)) {
    const ways = waysToKeep(load).map((way) => choicesOf(load, budget, contextSize, way));
    // A layer that stays in RAM costs far more than coarser keys and values do.
    const choice = ways.flatMap((choices) => choices.slice(0, 1)).find(isGood) ?? ways.flat().find(isGood);
    if (choice !== undefined) return load.wish.sequences === undefined ? addSequences(load, budget, choice) : choice;
  }
  return undefined;
}

/** The smallest plan, fitting or not. */
export function leastChoice(load: LoadCase): Choice {
  const budget = budgetFor(load.machine, load.gpu, load.wish);
  const contextSize = contextSizes(load).at(-1) ?? leastContext;
  const way = waysToKeep(load).at(-1) ?? { kvType: "f16", flash: true, batch: smallBatch };
  const choices = choicesOf(load, budget, contextSize, way);
  const least = choices.find(({ demand }) => demand.vramBytes <= budget.vramBytes) ?? choices.at(-1);
  return least ?? choiceWith(load, contextSize, way, 0);
}

function contextSizes({ facts: { contextLength }, wish }: LoadCase): number[] {
  if (wish.contextSize !== undefined) return [wish.contextSize];
  const largest = Math.min(contextLength, usualContext);
  const least = Math.min(contextLength, leastContext);
  const sizes = [largest];
  for (let size = Math.ceil(largest / contextStep - 1) * contextStep; size >= least; size -= contextStep)
    sizes.push(size);
  return sizes;
}

interface WayToKeep {
  kvType: KvType;
  /** Flash attention, whether or not it is fast here. */
  flash: boolean;
  batch: number;
}

/** None when the type that was asked for does not suit the model. */
export function waysToKeep({ facts, wish }: LoadCase): WayToKeep[] {
  const ways: WayToKeep[] = [
    { kvType: "f16", flash: false, batch: usualBatch },
    { kvType: "f16", flash: true, batch: usualBatch },
    { kvType: "f16", flash: true, batch: smallBatch },
    { kvType: "q8_0", flash: true, batch: usualBatch },
    { kvType: "q8_0", flash: true, batch: smallBatch },
    { kvType: "q4_0", flash: true, batch: usualBatch },
    { kvType: "q4_0", flash: true, batch: smallBatch },
  ];
  const wanted: readonly KvType[] = wish.kvType === undefined ? ["f16", "q8_0"] : [wish.kvType];
  return ways.filter(({ kvType }) => wanted.includes(kvType) && admitsKvType(facts, kvType));
}

function shapeFor({ facts, wish }: LoadCase, contextSize: number, way: WayToKeep, gpuLayers: number): ContextShape {
  const sequences = wish.sequences ?? 1;
  return {
    contextSize,
    sequences,
    // llama.cpp needs room for a token of each sequence.
    batchSize: Math.max(sequences, Math.min(way.batch, contextSize)),
    kvType: way.kvType,
    flashAttention: way.flash || gpuLayers > 0 || facts.embeddingLength > plainAttentionWidth,
  };
}

/** Half as many as a process died with, and none when it died again. */
function mostLayers({ facts, gpu, wish }: LoadCase): number {
  const failed = wish.failedGpuLayers ?? [];
  if (gpu === undefined || failed.length > 1) return 0;
  return Math.min(offloadableLayers(facts), Math.floor((failed[0] ?? Number.POSITIVE_INFINITY) / 2));
}

/** Numbers of layers to try, from many to few: as many as may be, as many as fit into VRAM, none. */
function layerCounts(load: LoadCase, fitsVram: (gpuLayers: number) => boolean): number[] {
  const most = mostLayers(load);
  if (load.wish.gpuLayers !== undefined) return [Math.min(load.wish.gpuLayers, most)];
  // All layers take less scratch space than all but one.
  return [...new Set([most, largestCount(most - 1, fitsVram), 0])];
}

function choicesOf(load: LoadCase, budget: Budget, contextSize: number, way: WayToKeep): Choice[] {
  const choice = (gpuLayers: number): Choice => choiceWith(load, contextSize, way, gpuLayers);
  return layerCounts(load, (count) => choice(count).demand.vramBytes <= budget.vramBytes).map(choice);
}

function choiceWith(load: LoadCase, contextSize: number, way: WayToKeep, gpuLayers: number): Choice {
  const shape = shapeFor(load, contextSize, way, gpuLayers);
  return { shape, gpuLayers, demand: demandOf(load.facts, shape, gpuLayers) };
}

function fits({ ramBytes, vramBytes }: Demand, budget: Budget): boolean {
  if (vramBytes > budget.vramBytes) return false;
  return ramBytes + (budget.unified ? vramBytes : 0) <= budget.ramBytes;
}

function addSequences(load: LoadCase, budget: Budget, single: Choice): Choice {
  for (let sequences = Math.min(mostSequences, single.shape.batchSize); sequences > 1; sequences--) {
    const shape = { ...single.shape, sequences };
    const demand = demandOf(load.facts, shape, single.gpuLayers);
    const vramKv = demand.vramKvBytes - single.demand.vramKvBytes;
    const ramKv = demand.kvBytes - single.demand.kvBytes - (budget.unified ? 0 : vramKv);
    const cheap =
      ramKv <= budget.ramBytes * sequencesShare &&
      vramKv <= budget.vramBytes * sequencesShare &&
      ramKv <= sequencesBytes;
    if (cheap && fits(demand, budget)) return { ...single, shape, demand };
  }
  return single;
}
