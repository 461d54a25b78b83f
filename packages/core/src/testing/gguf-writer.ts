import { open } from "node:fs/promises";

/** A metadata value of a GGUF file; numbers say which of its types they are. */
export type GgufValue =
  | { type: "u32" | "i32" | "f32"; value: number }
  | { type: "bool"; value: boolean }
  | { type: "string"; value: string }
  | { type: "strings"; value: readonly string[] }
  | { type: "i32s"; value: readonly number[] };

/** A tensor with dimensions in GGUF's order (fastest first). `data` holds f16 or f32 values, little-endian, or blocks of q8_0. */
export interface GgufTensor {
  name: string;
  dimensions: readonly number[];
  type: "f32" | "f16" | "q8_0";
  data: Uint8Array;
}

/** Numbers from the GGUF specification, version 3 (ggml-org/ggml, docs/gguf.md). */
const version = 3;
const alignment = 32;
const valueTypes = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const tensorTypes = { f32: 0, f16: 1, q8_0: 8 } as const;

/** Writes a GGUF file. */
export async function writeGguf(
  path: string,
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Promise<void> {
  const head = new ByteWriter();
  head.bytes(Buffer.from("GGUF"));
  head.u32(version);
  head.u64(tensors.length);
  head.u64(Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) {
    head.string(key);
    writeValue(head, value);
  }
  let offset = 0;
  for (const tensor of tensors) {
    writeTensorInfo(head, tensor, offset);
    offset += tensor.data.length + padding(tensor.data.length);
  }
  await using file = await open(path, "w");
  for (const part of [head.take(), ...tensors.map(({ data }) => data)]) {
    await file.write(part);
    await file.write(new Uint8Array(padding(part.length)));
  }
}

const padding = (length: number): number => (alignment - (length % alignment)) % alignment;

function writeTensorInfo(writer: ByteWriter, { name, dimensions, type }: GgufTensor, offset: number): void {
  writer.string(name);
  writer.u32(dimensions.length);
  for (const dimension of dimensions) writer.u64(dimension);
  writer.u32(tensorTypes[type]);
  writer.u64(offset);
}

function writeValue(writer: ByteWriter, entry: GgufValue): void {
  switch (entry.type) {
    case "strings":
      writer.array(valueTypes.string, entry.value, (one) => writer.string(one));
      return;
    case "i32s":
      writer.array(valueTypes.i32, entry.value, (one) => writer.i32(one));
      return;
    case "string":
      writer.u32(valueTypes.string);
      writer.string(entry.value);
      return;
    case "bool":
      writer.u32(valueTypes.bool);
      writer.bytes(Buffer.from([entry.value ? 1 : 0]));
      return;
    default:
      writer.u32(valueTypes[entry.type]);
      writer[entry.type](entry.value);
  }
}

/** Collects little-endian bytes. */
class ByteWriter {
  readonly #parts: Buffer[] = [];

  take(): Buffer {
    return Buffer.concat(this.#parts);
  }

  bytes(bytes: Buffer): void {
    this.#parts.push(bytes);
  }

  u32(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.#parts.push(bytes);
  }

  i32(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    this.#parts.push(bytes);
  }

  f32(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.#parts.push(bytes);
  }

  u64(value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    this.#parts.push(bytes);
  }

  string(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    this.u64(bytes.length);
    this.#parts.push(bytes);
  }

  array<T>(type: number, values: readonly T[], write: (value: T) => void): void {
    this.u32(valueTypes.array);
    this.u32(type);
    this.u64(values.length);
    for (const value of values) write(value);
  }
}
