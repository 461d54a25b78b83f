import { computeBytes, type ContextShape, handoverBytes, layerKvBytes } from "./memory.ts";
import type { ModelFacts } from "./model-facts.ts";

/** What a model with its context takes, in bytes. The weights, keys and values, and scratch space are in the sums below. */
export interface Demand {
  ramBytes: number;
  vramBytes: number;
  /** The weights that stay in RAM. */
  ramWeightsBytes: number;
  vramWeightsBytes: number;
  kvBytes: number;
  /** Of these, on a GPU. */
  vramKvBytes: number;
  computeBytes: number;
}

/** How many layers a GPU can hold: those of the model and its output, which comes first. */
export const offloadableLayers = ({ layers }: ModelFacts): number => layers.length + 1;

/**
 * The demand with the last `gpuLayers` layers on a GPU, as llama.cpp places them: keys and values lie with their layer,
 * the input always in RAM.
 */
export function demandOf(facts: ModelFacts, shape: ContextShape, gpuLayers: number): Demand {
  const first = offloadableLayers(facts) - gpuLayers;
  const demand = { ramWeightsBytes: facts.inputBytes, vramWeightsBytes: 0, kvBytes: 0, vramKvBytes: 0 };
  if (gpuLayers > 0) demand.vramWeightsBytes = facts.outputBytes + facts.outputCopyBytes;
  else demand.ramWeightsBytes += facts.outputBytes;
  for (const [index, layer] of facts.layers.entries()) {
    const kept = layerKvBytes(facts, layer, shape);
    demand.kvBytes += kept;
    if (index < first) {
      demand.ramWeightsBytes += layer.bytes;
    } else {
      demand.vramWeightsBytes += layer.bytes;
      demand.vramKvBytes += kept;
    }
  }
  const { ram, vram } = scratch(facts, shape, gpuLayers);
  return {
    ...demand,
    computeBytes: ram + vram,
    ramBytes: demand.ramWeightsBytes + demand.kvBytes - demand.vramKvBytes + ram,
    vramBytes: demand.vramWeightsBytes + demand.vramKvBytes + vram,
  };
}

function scratch(facts: ModelFacts, shape: ContextShape, gpuLayers: number): { ram: number; vram: number } {
  const whole = computeBytes(facts, shape);
  if (gpuLayers === 0) return { ram: whole, vram: 0 };
  if (gpuLayers === offloadableLayers(facts)) return { ram: handoverBytes(facts, shape), vram: whole };
  // For long batches the weights of a layer in RAM are copied to the GPU, one layer at a time.
  const largestLayer = Math.max(0, ...facts.layers.map(({ bytes }) => bytes));
  return { ram: whole, vram: whole + largestLayer };
}
