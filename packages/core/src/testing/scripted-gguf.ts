import { type GgufTensor, type GgufValue, writeGguf } from "./gguf-writer.ts";
import { spell } from "./mini-bpe.ts";
import { chatTemplate } from "./scripted-template.ts";
import { afterToolToken, promptEndToken, scriptVocabulary, type Vocabulary } from "./scripted-vocabulary.ts";

export interface ScriptedGgufOptions {
  /** Chunks of text, a token each. `afterTool` answers a tool result; without it `first` does that too. */
  replies: { first: readonly string[]; afterTool?: readonly string[] };
  /** Say the reply again and again, without an end. */
  loop?: boolean;
  /** In tokens. Default: 2048. */
  contextLength?: number;
  /** As many tokens as a real model has, most of which are never said. Default: as many as are needed. */
  vocabularySize?: number;
}

export interface RandomGgufOptions {
  seed: number;
  /** Texts that are a token each, besides a few hundred byte pairs. */
  chunks?: readonly string[];
  /** As many tokens as a real model has. Default: as many as are needed. */
  vocabularySize?: number;
}

const width = 256;
const layers = 2;
const heads = 8;
const keyValueHeads = 4;
const feedForward = 256;

/**
 * Writes a llama-architecture GGUF of about 2 MB whose greedy output is the given text, at the real cost of
 * computing. Attention and feed-forward add nothing, so the state after a token is its embedding; embeddings
 * are nearly orthogonal, and the output row of each token is the embedding of the token before it.
 */
export async function scriptedGguf(path: string, options: ScriptedGgufOptions): Promise<void> {
  const { replies, loop = false, contextLength = 2048, vocabularySize = 0 } = options;
  const { first, afterTool } = replies;
  const answer = afterTool === undefined ? [] : [{ after: afterToolToken, chunks: afterTool }];
  const vocabulary = enlarged(
    scriptVocabulary([{ after: promptEndToken, chunks: first }, ...answer], loop),
    vocabularySize,
  );
  const template = chatTemplate(afterTool !== undefined);
  await writeGguf(path, metadata(vocabulary, template, contextLength), tensors(vocabulary));
}

/** Writes a model of the same shape whose weights are noise: what it says has no sense, but every token some chance. */
export async function randomGguf(path: string, options: RandomGgufOptions): Promise<void> {
  const { seed, chunks = [], vocabularySize = 0 } = options;
  const vocabulary = enlarged(scriptVocabulary([{ after: promptEndToken, chunks }], false), vocabularySize);
  const noise = noiseFrom(seed);
  const random = (tensor: GgufTensor): GgufTensor =>
    tensor.type === "f16" ? { ...tensor, data: halves(tensor.data.length / 2, () => noise() / 16) } : tensor;
  await writeGguf(path, metadata(vocabulary, chatTemplate(false), 4096), tensors(vocabulary).map(random));
}

const syllables = ["ka", "se", "ti", "mo", "nu", "ra", "le", "vi", "do", "pu", "en", "ar", "is", "or", "un"];

/** With words that no merge leads to, of which every second begins with a blank, until there are `size` tokens. */
function enlarged(vocabulary: Vocabulary, size: number): Vocabulary {
  const tokens = new Set(vocabulary.tokens);
  for (let number = 0; tokens.size < size; number++) {
    let word = number % 2 === 0 ? " " : "";
    for (let rest = number; rest > 0; rest = Math.floor(rest / syllables.length))
      word += syllables[rest % syllables.length];
    tokens.add(spell(word));
  }
  const { kinds } = vocabulary;
  // The first token is a byte: an ordinary one.
  const [ordinary = 1] = kinds;
  return {
    ...vocabulary,
    tokens: [...tokens],
    kinds: [...kinds, ...Array.from({ length: tokens.size - kinds.length }, () => ordinary)],
  };
}

function metadata(vocabulary: Vocabulary, template: string, contextLength: number): Record<string, GgufValue> {
  const { tokens, kinds, merges, endId } = vocabulary;
  const u32 = (value: number): GgufValue => ({ type: "u32", value });
  const string = (value: string): GgufValue => ({ type: "string", value });
  return {
    "general.architecture": string("llama"),
    "general.name": string("scripted"),
    "general.file_type": u32(1),
    "llama.context_length": u32(contextLength),
    "llama.embedding_length": u32(width),
    "llama.block_count": u32(layers),
    "llama.feed_forward_length": u32(feedForward),
    "llama.attention.head_count": u32(heads),
    "llama.attention.head_count_kv": u32(keyValueHeads),
    "llama.attention.layer_norm_rms_epsilon": { type: "f32", value: 1e-5 },
    "llama.rope.dimension_count": u32(width / heads),
    "llama.rope.freq_base": { type: "f32", value: 10_000 },
    "llama.vocab_size": u32(tokens.length),
    "tokenizer.ggml.model": string("gpt2"),
    "tokenizer.ggml.pre": string("qwen2"),
    "tokenizer.ggml.tokens": { type: "strings", value: tokens },
    "tokenizer.ggml.token_type": { type: "i32s", value: kinds },
    "tokenizer.ggml.merges": { type: "strings", value: merges },
    "tokenizer.ggml.eos_token_id": u32(endId),
    "tokenizer.ggml.add_bos_token": { type: "bool", value: false },
    "tokenizer.chat_template": string(template),
  };
}

function tensors({ tokens, successors }: Vocabulary): GgufTensor[] {
  const embeddings = tokens.map((_, id) => embedding(id));
  const output = tokens.map(() => new Int16Array(width));
  for (const [id, next] of successors) {
    const row = output[next];
    for (const [index, sign] of embeddings[id]?.entries() ?? []) row?.set([sign + (row[index] ?? 0)], index);
  }
  const keyValueWidth = (width / heads) * keyValueHeads;
  const blocks = Array.from({ length: layers }, (_, layer) => [
    ones(`blk.${layer}.attn_norm.weight`),
    zeros(`blk.${layer}.attn_q.weight`, [width, width]),
    zeros(`blk.${layer}.attn_k.weight`, [width, keyValueWidth]),
    zeros(`blk.${layer}.attn_v.weight`, [width, keyValueWidth]),
    zeros(`blk.${layer}.attn_output.weight`, [width, width]),
    ones(`blk.${layer}.ffn_norm.weight`),
    zeros(`blk.${layer}.ffn_gate.weight`, [width, feedForward]),
    zeros(`blk.${layer}.ffn_up.weight`, [width, feedForward]),
    zeros(`blk.${layer}.ffn_down.weight`, [feedForward, width]),
  ]);
  return [
    matrix("token_embd.weight", embeddings),
    ...blocks.flat(),
    ones("output_norm.weight"),
    matrix("output.weight", output),
  ];
}

/** ±1 for each dimension, of its own for each token. */
function embedding(id: number): Int16Array {
  return Int16Array.from({ length: width }, noiseFrom(id));
}

/** ±1 from a xorshift generator. */
function noiseFrom(seed: number): () => 1 | -1 {
  let state = (Math.imul(seed + 1, 2_654_435_761) ^ 0x5bd1e995) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state & 0x10000) === 0 ? 1 : -1;
  };
}

function halves(count: number, next: () => number): Uint8Array {
  const data = Buffer.alloc(count * 2);
  for (let index = 0; index < count; index++) data.writeUInt16LE(half(next()), index * 2);
  return data;
}

/** A small whole number in half precision (IEEE 754 binary16). */
function half(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

function matrix(name: string, rows: readonly Int16Array[]): GgufTensor {
  const data = Buffer.alloc(rows.length * width * 2);
  for (const [index, row] of rows.entries()) {
    for (const [column, value] of row.entries()) data.writeUInt16LE(half(value), (index * width + column) * 2);
  }
  return { name, dimensions: [width, rows.length], type: "f16", data };
}

function zeros(name: string, dimensions: readonly [number, number]): GgufTensor {
  return { name, dimensions, type: "f16", data: new Uint8Array(dimensions[0] * dimensions[1] * 2) };
}

function ones(name: string): GgufTensor {
  const data = Buffer.alloc(width * 4);
  for (let index = 0; index < width; index++) data.writeFloatLE(1, index * 4);
  return { name, dimensions: [width], type: "f32", data };
}
