import { Buffer } from "node:buffer";

import { assemble, type Dissected, type Mutant } from "./dissect.ts";
import { i32s, list, text, texts, typed, u32, u64, type Value } from "./tiny-gguf.ts";

const float = (value: number): Value => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return typed(6, bytes);
};
const i32 = (value: number): Value => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return typed(5, bytes);
};
const bool = (value: number): Value => typed(7, Buffer.from([value]));
const longText = (length: bigint): Value => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(length);
  return typed(8, bytes);
};

/** What any value may be replaced with: other types, numbers at the edges, lengths that lie. */
const badValues: readonly (readonly [string, Value])[] = [
  ["0", u32(0)],
  ["1", u32(1)],
  ["3", u32(3)],
  ["7 as a short", typed(2, Buffer.from([7, 0]))],
  ["2^31 - 1", u32(2 ** 31 - 1)],
  ["2^31", u32(2 ** 31)],
  ["2^32 - 1", u32(2 ** 32 - 1)],
  ["2^63 of 64 bits", u64(2n ** 63n)],
  ["4 of 64 bits", u64(4n)],
  ["-1", i32(-1)],
  ["half", float(0.5)],
  ["not a number", float(Number.NaN)],
  ["infinity", float(Number.POSITIVE_INFINITY)],
  ["-1.0", float(-1)],
  ["0.0", float(0)],
  ["true", bool(1)],
  ["a truth value of 7", bool(7)],
  ["text", text("nonsense")],
  ["no text", text("")],
  ["text with a zero byte", text("gpt2\0x")],
  ["a long text", text("x".repeat(100_000))],
  ["a text longer than the file", longText(2n ** 62n)],
  ["a text whose end overflows", longText(2n ** 64n - 1n)],
  ["an empty list of texts", texts([])],
  ["a list of one text", texts(["a"])],
  ["an empty list of numbers", i32s([])],
  ["a list of one number", i32s([1])],
  ["a list of numbers", i32s([4, 0, 4, 4])],
  ["a list longer than the file", list(5, 2n ** 60n, Buffer.alloc(8))],
  ["a list whose size overflows", list(11, 2n ** 61n, Buffer.alloc(8))],
  ["a list of texts longer than the file", list(8, 2n ** 60n, Buffer.alloc(8))],
  ["a list of lists", list(9, 1n, Buffer.alloc(12))],
  ["a list of an unknown type", list(77, 1n, Buffer.alloc(8))],
  ["an unknown type", typed(13, Buffer.alloc(8))],
];

/** One or two of each kind. */
const edges = [
  "0",
  "1",
  "3",
  "2^31 - 1",
  "2^32 - 1",
  "-1",
  "half",
  "not a number",
  "text",
  "no text",
  "a list of numbers",
];
const edgeValues = badValues.filter(([what]) => edges.includes(what));

/** Keys that a small file lacks, and that llama.cpp reads when they are there. */
const furtherKeys: readonly string[] = [
  "general.alignment",
  "split.count",
  "split.no",
  "split.tensors.count",
  "llama.attention.key_length",
  "llama.attention.value_length",
  "llama.attention.sliding_window",
  "llama.attention.causal",
  "llama.attention.clamp_kqv",
  "llama.attention.scale",
  "llama.expert_count",
  "llama.expert_used_count",
  "llama.expert_feed_forward_length",
  "llama.expert_group_count",
  "llama.leading_dense_block_count",
  "llama.rope.dimension_sections",
  "llama.rope.scaling.type",
  "llama.rope.scaling.factor",
  "llama.rope.scaling.attn_factor",
  "llama.rope.scaling.original_context_length",
  "llama.rope.scaling.finetuned",
  "llama.rope.scale_linear",
  "llama.pooling_type",
  "llama.nextn_predict_layers",
  "llama.logit_scale",
  "llama.embedding_scale",
  "llama.residual_scale",
  "llama.final_logit_softcapping",
  "llama.embedding_length_out",
  "llama.features_length",
  "tokenizer.ggml.bos_token_id",
  "tokenizer.ggml.eot_token_id",
  "tokenizer.ggml.eom_token_id",
  "tokenizer.ggml.unknown_token_id",
  "tokenizer.ggml.seperator_token_id",
  "tokenizer.ggml.padding_token_id",
  "tokenizer.ggml.cls_token_id",
  "tokenizer.ggml.mask_token_id",
  "tokenizer.ggml.fim_pre_token_id",
  "tokenizer.ggml.fim_suf_token_id",
  "tokenizer.ggml.fim_mid_token_id",
  "tokenizer.ggml.fim_pad_token_id",
  "tokenizer.ggml.fim_rep_token_id",
  "tokenizer.ggml.fim_sep_token_id",
  "tokenizer.ggml.prefix_token_id",
  "tokenizer.ggml.suffix_token_id",
  "tokenizer.ggml.middle_token_id",
  "tokenizer.ggml.add_eos_token",
  "tokenizer.ggml.add_sep_token",
  "tokenizer.ggml.add_space_prefix",
  "tokenizer.ggml.remove_extra_whitespaces",
  "tokenizer.ggml.precompiled_charsmap",
  "tokenizer.ggml.token_type_count",
  "tokenizer.ggml.scores",
  "tokenizer.ggml.added_tokens",
  "tokenizer.chat_template.tool_use",
  "adapter.type",
  "general.type",
];

/** Each value replaced by each bad one, left out, and doubled; and further keys with each bad value. */
export function metadataMutants(good: Dissected): Mutant[] {
  const { metadata } = good.file;
  const replaced = metadata.flatMap(([key], index) =>
    badValues.map(([what, value]): Mutant => {
      const changed = metadata.with(index, [key, value]);
      return { name: `${key}: ${what}`, bytes: assemble(good, { metadata: changed }) };
    }),
  );
  const without = metadata.map(([key], index): Mutant => {
    return { name: `${key}: absent`, bytes: assemble(good, { metadata: metadata.toSpliced(index, 1) }) };
  });
  const doubled = metadata.map(([key, value]): Mutant => {
    return { name: `${key}: twice`, bytes: assemble(good, { metadata: [...metadata, [key, value]] }) };
  });
  const added = furtherKeys.flatMap((key) =>
    edgeValues.map(([what, value]): Mutant => {
      return { name: `${key}: ${what}`, bytes: assemble(good, { metadata: [...metadata, [key, value]] }) };
    }),
  );
  return [...replaced, ...without, ...doubled, ...added];
}

/** Other tokenizers and families than the file is made for. */
export function identityMutants(good: Dissected): Mutant[] {
  const { metadata } = good.file;
  const tokenizers = ["llama", "bert", "t5", "rwkv", "plamo2", "none", "no_vocab", "unheard-of"];
  const families = ["qwen2", "gemma3", "phi3", "mamba", "bert", "smallthinker", "llada-moe", "paddleocr", "t5", "clip"];
  const changed = (change: (entry: [string, Value]) => [string, Value]): Buffer =>
    assemble(good, { metadata: metadata.map(change) });
  return [
    ...tokenizers.map((name): Mutant => {
      const bytes = changed(([key, value]) => [key, key === "tokenizer.ggml.model" ? text(name) : value]);
      return { name: `tokenizer ${name}`, bytes };
    }),
    ...families.map((name): Mutant => {
      const bytes = changed(([key, value]) =>
        key === "general.architecture" ? [key, text(name)] : [key.replace(/^llama\./, `${name}.`), value],
      );
      return { name: `architecture ${name}`, bytes };
    }),
  ];
}

/** Two tokens of three bytes that are no UTF-8. */
export function unreadableTokens(good: Dissected): Mutant {
  const { metadata } = good.file;
  const bytes = metadata.map(([key, value]): [string, Value] => {
    if (key !== "tokenizer.ggml.tokens") return [key, value];
    const changed = Buffer.from(value);
    const length = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0]);
    let from = changed.indexOf(length, 16);
    for (let count = 0; count < 2; count++) {
      changed.fill(0xff, from + 8, from + 11);
      from = changed.indexOf(length, from + 11);
    }
    return [key, changed];
  });
  return { name: "two equal tokens that are no UTF-8", bytes: assemble(good, { metadata: bytes }) };
}

/** Counts and versions at the front that are lies. */
export function frontMutants(good: Dissected): Mutant[] {
  const { tensors, metadata } = good.file;
  const counts = [0n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 61n, 2n ** 63n, 2n ** 64n - 1n];
  return [
    ...counts.map((count): Mutant => {
      return { name: `${count} tensors`, bytes: assemble(good, { tensorCount: count }) };
    }),
    ...counts.map((count): Mutant => ({ name: `${count} entries`, bytes: assemble(good, { entryCount: count }) })),
    { name: "one tensor more", bytes: assemble(good, { tensorCount: BigInt(tensors.length + 1) }) },
    { name: "one tensor less", bytes: assemble(good, { tensorCount: BigInt(tensors.length - 1) }) },
    { name: "one entry more", bytes: assemble(good, { entryCount: BigInt(metadata.length + 1) }) },
    { name: "one entry less", bytes: assemble(good, { entryCount: BigInt(metadata.length - 1) }) },
    ...[0, 1, 2, 4, 2 ** 32 - 1].map((version): Mutant => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(version);
      return { name: `version ${version}`, bytes: assemble(good, { version: bytes }) };
    }),
  ];
}

/** Cut off where something begins, and one byte before and after. */
export function truncated(bytes: Buffer, { boundaries }: Dissected): Mutant[] {
  const ends = new Set(boundaries.flatMap((at) => [at - 1, at, at + 1]));
  return [...ends].map((end) => ({ name: `cut off at byte ${end}`, bytes: bytes.subarray(0, end) }));
}
