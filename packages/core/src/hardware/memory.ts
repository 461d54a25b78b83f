import type { LayerFacts, ModelFacts } from "./model-facts.ts";

export type KvType = "f16" | "q8_0" | "q4_0";

/** How a context is made. `contextSize` is of one sequence, in tokens. */
export interface ContextShape {
  contextSize: number;
  sequences: number;
  batchSize: number;
  kvType: KvType;
  flashAttention: boolean;
}

/** Bytes of one element, with its share of the block's scale. */
const elementBytes: Readonly<Record<KvType, number>> = { f16: 2, q8_0: 34 / 32, q4_0: 18 / 32 };
const quantizedBlock = 32;
/** llama.cpp rounds contexts up to this many tokens. */
const cellBlock = 256;
const float = 4;

const padded = (tokens: number): number => Math.ceil(tokens / cellBlock) * cellBlock;

/** What one layer keeps of all sequences: keys and values, and a recurrent layer's state. Equals llama.cpp's own sum. */
export function layerKvBytes(facts: ModelFacts, layer: LayerFacts, shape: ContextShape): number {
  const state = layer.recurrent ? facts.stateBytes : 0;
  const keys = layer.keyValueHeads * layer.keyWidth;
  // Without flash attention values lie transposed, each layer's as wide as the widest.
  const values = layer.keyValueHeads === 0 ? 0 : shape.flashAttention ? valuesOf(layer) : widestValues(facts);
  const cells = layer.attention === "window" ? windowCells(facts, shape) : padded(shape.contextSize);
  return shape.sequences * (state + cells * (keys + values) * elementBytes[shape.kvType]);
}

const valuesOf = ({ keyValueHeads, valueWidth }: LayerFacts): number => keyValueHeads * valueWidth;

/** Layers that compute values from the keys keep none at all. */
const widestValues = ({ layers }: ModelFacts): number => Math.max(0, ...layers.map(valuesOf));

function windowCells({ slidingWindow = 0 }: ModelFacts, { contextSize, batchSize }: ContextShape): number {
  const all = padded(contextSize);
  return Math.min(all, padded(Math.min(all, slidingWindow + batchSize)));
}

/** Bytes that each further token of one sequence costs. */
export function kvBytesPerToken(facts: ModelFacts, kvType: KvType): number {
  const growing = facts.layers.filter(({ attention }) => attention === "full");
  const elements = growing.reduce((sum, layer) => sum + layer.keyValueHeads * layer.keyWidth + valuesOf(layer), 0);
  return elements * elementBytes[kvType];
}

/** Whether keys and values of this width fill whole blocks of the type. */
export function admitsKvType({ layers }: ModelFacts, kvType: KvType): boolean {
  if (kvType === "f16") return true;
  return layers.every(
    (layer) => (layer.keyWidth | layer.valueWidth) % quantizedBlock === 0 || layer.keyValueHeads === 0,
  );
}

/**
 * Scratch space for one batch, and its results. Computing happens in steps whose tensors live at the same time; the
 * largest step decides, and a share of the second largest is lost to gaps between them. The weights of the terms and
 * that share were fitted to what llama.cpp allocates for 449 combinations of shapes: 0.95 to 2.0 times the truth,
 * half of them below 1.12.
 */
export function computeBytes(facts: ModelFacts, shape: ContextShape): number {
  const batch = Math.min(shape.batchSize, padded(shape.contextSize));
  const [largest = 0, second = 0] = stepWidths(facts, shape).toSorted((a, b) => b - a);
  const results = facts.vocabularySize * shape.sequences;
  return Math.ceil(float * (batch * (largest + gapShare * second) + results));
}

const gapShare = 0.3;

/** Elements for each token of a batch: attention, feed-forward, probabilities. */
function stepWidths(facts: ModelFacts, shape: ContextShape): [number, number, number] {
  const { embeddingLength: width, feedForwardLength: inner, vocabularySize, experts } = facts;
  const attending = facts.layers.filter(({ attention }) => attention !== "none");
  const widest = (measure: (layer: LayerFacts) => number): number => Math.max(0, ...attending.map(measure));
  const queries = widest(({ heads, keyWidth }) => heads * keyWidth);
  const keysAndValues = widest((layer) => layer.keyValueHeads * (layer.keyWidth + layer.valueWidth));
  const seen = attending.length === 0 ? 0 : padded(shape.contextSize);
  // With flash attention the mask has two bytes an element, and scores are never stored.
  const mask = shape.flashAttention ? seen / 2 : seen;
  const scores = shape.flashAttention ? 0 : widest(({ heads }) => heads) * seen;
  const rotated = shape.kvType === "f16" ? 0 : queries;
  const routed = experts === undefined ? 0 : inner + 2 * experts.used * width + 3 * width;
  return [
    scores + mask + 3 * width + 2 * queries + keysAndValues + rotated,
    Math.max(3 * inner + 4 * width, routed) + mask,
    vocabularySize + 2 * width,
  ];
}

/** Scratch space in RAM when all layers are on a GPU: what is handed to it for each batch. */
export function handoverBytes(facts: ModelFacts, shape: ContextShape): number {
  const batch = Math.min(shape.batchSize, padded(shape.contextSize));
  const results = facts.vocabularySize * shape.sequences;
  return float * (batch * (2 * facts.embeddingLength + padded(shape.contextSize)) + results);
}
