import type { GgufTensor } from "./gguf-writer.ts";
import type { Vocabulary } from "./scripted-vocabulary.ts";

/** How large a model is, which is what computing costs. `type` is that of its matrices. */
export interface GgufShape {
  layers: number;
  width: number;
  heads: number;
  keyValueHeads: number;
  feedForward: number;
  type: "f16" | "q8_0";
}

/**
 * Weights whose greedy output is the given text. Attention and feed-forward add nothing, so the state after a token is
 * its embedding; embeddings are nearly orthogonal, and the output row of each token is the embedding of the token before
 * it.
 */
export function scriptedTensors({ tokens, successors }: Vocabulary, shape: GgufShape): GgufTensor[] {
  const { layers, width, heads, keyValueHeads, feedForward, type } = shape;
  const embeddings = tokens.map((_, id) => embedding(id, width));
  const output = tokens.map(() => new Int16Array(width));
  for (const [id, next] of successors) {
    const row = output[next];
    for (const [index, sign] of embeddings[id]?.entries() ?? []) row?.set([sign + (row[index] ?? 0)], index);
  }
  const keyValueWidth = (width / heads) * keyValueHeads;
  const zeros = (name: string, dimensions: readonly [number, number]): GgufTensor => ({
    name,
    dimensions,
    type,
    data: new Uint8Array(bytesOf(dimensions[0] * dimensions[1], type)),
  });
  const blocks = Array.from({ length: layers }, (_, layer) => [
    ones(`blk.${layer}.attn_norm.weight`, width),
    zeros(`blk.${layer}.attn_q.weight`, [width, width]),
    zeros(`blk.${layer}.attn_k.weight`, [width, keyValueWidth]),
    zeros(`blk.${layer}.attn_v.weight`, [width, keyValueWidth]),
    zeros(`blk.${layer}.attn_output.weight`, [width, width]),
    ones(`blk.${layer}.ffn_norm.weight`, width),
    zeros(`blk.${layer}.ffn_gate.weight`, [width, feedForward]),
    zeros(`blk.${layer}.ffn_up.weight`, [width, feedForward]),
    zeros(`blk.${layer}.ffn_down.weight`, [feedForward, width]),
  ]);
  return [
    matrix("token_embd.weight", embeddings, type),
    ...blocks.flat(),
    ones("output_norm.weight", width),
    matrix("output.weight", output, type),
  ];
}

/** The tensor with other values: whole numbers that `next` gives, divided by 16. Only in half precision. */
export function withNoise(tensor: GgufTensor, next: () => number): GgufTensor {
  if (tensor.type !== "f16") return tensor;
  const data = Buffer.alloc(tensor.data.length);
  for (let offset = 0; offset < data.length; offset += 2) data.writeUInt16LE(half(next() / 16), offset);
  return { ...tensor, data };
}

/** ±1 from a xorshift generator. */
export function noiseFrom(seed: number): () => 1 | -1 {
  let state = (Math.imul(seed + 1, 2_654_435_761) ^ 0x5bd1e995) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state & 0x10000) === 0 ? 1 : -1;
  };
}

/** ±1 for each dimension, of its own for each token. */
function embedding(id: number, width: number): Int16Array {
  return Int16Array.from({ length: width }, noiseFrom(id));
}

/** A block of q8_0: a scale in half precision, then 32 bytes. */
const blockLength = 32;
const blockBytes = 34;

const bytesOf = (count: number, type: GgufShape["type"]): number =>
  type === "f16" ? count * 2 : (count / blockLength) * blockBytes;

function matrix(name: string, rows: readonly Int16Array[], type: GgufShape["type"]): GgufTensor {
  const width = rows[0]?.length ?? 0;
  const data = Buffer.alloc(bytesOf(rows.length * width, type));
  for (const [index, row] of rows.entries()) {
    const start = bytesOf(index * width, type);
    if (type === "f16") writeHalves(data, start, row);
    else writeBlocks(data, start, row);
  }
  return { name, dimensions: [width, rows.length], type, data };
}

function writeHalves(data: Buffer, start: number, row: Int16Array): void {
  for (const [column, value] of row.entries()) data.writeUInt16LE(half(value), start + column * 2);
}

/** Small whole numbers are exact with a scale of one. */
function writeBlocks(data: Buffer, start: number, row: Int16Array): void {
  for (const [column, value] of row.entries()) {
    const block = start + Math.floor(column / blockLength) * blockBytes;
    if (column % blockLength === 0) data.writeUInt16LE(half(1), block);
    data.writeInt8(value, block + 2 + (column % blockLength));
  }
}

/** A small whole number in half precision (IEEE 754 binary16). */
function half(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

function ones(name: string, width: number): GgufTensor {
  const data = Buffer.alloc(width * 4);
  for (let index = 0; index < width; index++) data.writeFloatLE(1, index * 4);
  return { name, dimensions: [width], type: "f32", data };
}
