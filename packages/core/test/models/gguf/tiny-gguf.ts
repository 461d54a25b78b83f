import { Buffer } from "node:buffer";

/** Bytes of a metadata value, type number first. */
export type Value = Buffer;

export interface TinyTensor {
  name: string;
  dimensions: readonly bigint[];
  type: number;
  offset: bigint;
}

/** All that a GGUF file says; the tests bend one thing at a time. */
export interface TinyGguf {
  magic: string;
  version: Buffer;
  tensorCount: bigint;
  entryCount: bigint;
  metadata: [key: string, value: Value][];
  tensors: TinyTensor[];
  /** Bytes of tensor data after the padded header. */
  dataBytes: number;
}

const u32Bytes = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64Bytes = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};
const textBytes = (text: string): Buffer =>
  Buffer.concat([u64Bytes(BigInt(Buffer.byteLength(text))), Buffer.from(text)]);

export const u32 = (value: number): Value => Buffer.concat([u32Bytes(4), u32Bytes(value)]);
export const u64 = (value: bigint): Value => Buffer.concat([u32Bytes(10), u64Bytes(value)]);
export const text = (value: string): Value => Buffer.concat([u32Bytes(8), textBytes(value)]);
export const typed = (type: number, payload: Buffer): Value => Buffer.concat([u32Bytes(type), payload]);
export const list = (type: number, length: bigint, payload: Buffer): Value =>
  Buffer.concat([u32Bytes(9), u32Bytes(type), u64Bytes(length), payload]);
export const texts = (values: readonly string[]): Value =>
  list(8, BigInt(values.length), Buffer.concat(values.map(textBytes)));
export const i32s = (values: readonly number[]): Value =>
  list(5, BigInt(values.length), Buffer.concat(values.map(u32Bytes)));
export const versionBytes = u32Bytes;

/** A complete small file: two tensors, four tokens. */
export function tinyGguf(change: Partial<TinyGguf> = {}): TinyGguf {
  const tensors = change.tensors ?? [
    { name: "token_embd.weight", dimensions: [32n, 4n], type: 0, offset: 0n },
    { name: "output_norm.weight", dimensions: [32n], type: 0, offset: 512n },
  ];
  const metadata = change.metadata ?? tinyMetadata();
  return {
    magic: "GGUF",
    version: u32Bytes(3),
    tensorCount: BigInt(tensors.length),
    entryCount: BigInt(metadata.length),
    metadata,
    tensors,
    dataBytes: 640,
    ...change,
  };
}

/** Elements and bytes of a block, of the types that the tests use. */
const blocks: Readonly<Record<number, readonly [bigint, bigint]>> = {
  0: [1n, 4n],
  1: [1n, 2n],
  2: [32n, 18n],
  8: [32n, 34n],
  9: [32n, 36n],
  26: [1n, 4n],
  27: [1n, 8n],
  30: [1n, 2n],
  41: [128n, 18n],
};

/** The tensors one after the other, as llama.cpp wants them; `dataBytes` is what they take together. */
export function placed(tensors: readonly Omit<TinyTensor, "offset">[]): Pick<TinyGguf, "tensors" | "dataBytes"> {
  let offset = 0n;
  const all = tensors.map((tensor): TinyTensor => {
    const [width, size] = blocks[tensor.type] ?? [1n, 4n];
    const elements = tensor.dimensions.reduce((product, dimension) => product * dimension, 1n);
    const here = { ...tensor, offset };
    offset += (((elements / width) * size + 31n) / 32n) * 32n;
    return here;
  });
  return { tensors: all, dataBytes: Number(offset) };
}

/** The metadata of the small file, with some values replaced, added, or (undefined) left out. */
export function tinyMetadata(change: Readonly<Record<string, Value | undefined>> = {}): [string, Value][] {
  const values: Record<string, Value | undefined> = {
    "general.architecture": text("llama"),
    "general.name": text("tiny"),
    "llama.context_length": u32(128),
    "llama.embedding_length": u32(32),
    "llama.block_count": u32(1),
    "llama.attention.head_count": u32(4),
    "llama.attention.head_count_kv": u32(2),
    "tokenizer.ggml.tokens": texts(["a", "b", "<|end|>", "<tool_call>"]),
    "tokenizer.ggml.token_type": i32s([1, 1, 3, 4]),
    "tokenizer.ggml.merges": texts(["a b"]),
    "tokenizer.ggml.eos_token_id": u32(2),
    "tokenizer.chat_template": text("{{ messages[0].content }}"),
    ...change,
  };
  return Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
}

export function ggufBytes(file: TinyGguf): Buffer {
  const head = Buffer.concat([
    Buffer.from(file.magic),
    file.version,
    u64Bytes(file.tensorCount),
    u64Bytes(file.entryCount),
    ...file.metadata.flatMap(([key, value]) => [textBytes(key), value]),
    ...file.tensors.flatMap(({ name, dimensions, type, offset }) => [
      textBytes(name),
      u32Bytes(dimensions.length),
      ...dimensions.map(u64Bytes),
      u32Bytes(type),
      u64Bytes(offset),
    ]),
  ]);
  return Buffer.concat([head, Buffer.alloc(-head.length & 31), Buffer.alloc(file.dataBytes)]);
}
