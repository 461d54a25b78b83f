import { type GgufValue, writeGguf } from "./gguf-writer.ts";
import { spell } from "./mini-bpe.ts";
import { architectureParts, type OtherArchitecture } from "./scripted-architectures.ts";
import { chatTemplate } from "./scripted-template.ts";
import { type GgufShape, noiseFrom, scriptedTensors, withNoise } from "./scripted-tensors.ts";
import {
  afterToolToken,
  infillTokens,
  promptEndToken,
  scriptVocabulary,
  type Vocabulary,
} from "./scripted-vocabulary.ts";

export interface ScriptedGgufOptions {
  /**
   * Chunks of text, a token each. `afterTool` answers a tool result; without it `first` does that too. `atCursor` is
   * what it writes into code; without it the model has no tokens for that.
   */
  replies: { first: readonly string[]; afterTool?: readonly string[]; atCursor?: readonly string[] };
  /** Say the reply again and again, without an end. */
  loop?: boolean;
  /** In tokens. Default: 2048. */
  contextLength?: number;
  /** As many tokens as a real model has, most of which are never said. Default: as many as are needed. */
  vocabularySize?: number;
  /** Default: a model of about 2 MB. */
  shape?: GgufShape;
}

export interface RandomGgufOptions {
  seed: number;
  /** Texts that are a token each, besides a few hundred byte pairs. */
  chunks?: readonly string[];
  /** As many tokens as a real model has. Default: as many as are needed. */
  vocabularySize?: number;
  /** Default: llama. */
  architecture?: OtherArchitecture;
}

const smallShape: GgufShape = { layers: 2, width: 256, heads: 8, keyValueHeads: 4, feedForward: 256, type: "f16" };

/** Writes a llama-architecture GGUF whose greedy output is the given text, at the real cost of computing. */
export async function scriptedGguf(path: string, options: ScriptedGgufOptions): Promise<void> {
  const { replies, loop = false, contextLength = 2048, vocabularySize = 0, shape = smallShape } = options;
  const { first, afterTool, atCursor } = replies;
  const answer = afterTool === undefined ? [] : [{ after: afterToolToken, chunks: afterTool }];
  const code = atCursor === undefined ? [] : [{ after: infillTokens.middle, chunks: atCursor }];
  const vocabulary = enlarged(
    scriptVocabulary([{ after: promptEndToken, chunks: first }, ...answer, ...code], loop),
    vocabularySize,
  );
  const template = chatTemplate(afterTool !== undefined);
  const facts = metadata(vocabulary, { template, contextLength, shape });
  await writeGguf(path, facts, scriptedTensors(vocabulary, shape));
}

/** Writes a model of the same shape whose weights are noise: what it says has no sense, but every token some chance. */
export async function randomGguf(path: string, options: RandomGgufOptions): Promise<void> {
  const { seed, chunks = [], vocabularySize = 0, architecture } = options;
  const vocabulary = enlarged(scriptVocabulary([{ after: promptEndToken, chunks }], false), vocabularySize);
  const noise = noiseFrom(seed);
  const facts = metadata(vocabulary, { template: chatTemplate(false), contextLength: 4096, shape: smallShape });
  if (architecture !== undefined) {
    const { tokens } = vocabulary;
    const other = architectureParts(architecture, { vocabularySize: tokens.length, contextLength: 4096, noise });
    const named = {
      ...facts,
      ...other.metadata,
      "general.architecture": { type: "string", value: architecture },
    } as const;
    await writeGguf(path, named, other.tensors);
    return;
  }
  const tensors = scriptedTensors(vocabulary, smallShape).map((tensor) => withNoise(tensor, noise));
  await writeGguf(path, facts, tensors);
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

function metadata(
  { tokens, kinds, merges, endId, controlIds }: Vocabulary,
  { template, contextLength, shape }: { template: string; contextLength: number; shape: GgufShape },
): Record<string, GgufValue> {
  const { width, layers, feedForward, heads, keyValueHeads } = shape;
  const u32 = (value: number): GgufValue => ({ type: "u32", value });
  const string = (value: string): GgufValue => ({ type: "string", value });
  return {
    "general.architecture": string("llama"),
    "general.name": string("scripted"),
    "general.file_type": u32(shape.type === "f16" ? 1 : 7),
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
    ...infillIds(controlIds),
    "tokenizer.ggml.add_bos_token": { type: "bool", value: false },
    "tokenizer.chat_template": string(template),
  };
}

const infillKeys = { prefix: "fim_pre", suffix: "fim_suf", middle: "fim_mid", separator: "fim_sep" } as const;

function infillIds(controlIds: Vocabulary["controlIds"]): Record<string, GgufValue> {
  const entries = Object.entries(infillTokens).flatMap(([role, text]) => {
    const id = controlIds.get(text);
    const key = infillKeys[role as keyof typeof infillKeys];
    return id === undefined ? [] : [[`tokenizer.ggml.${key}_token_id`, { type: "u32" as const, value: id }] as const];
  });
  return Object.fromEntries(entries);
}
