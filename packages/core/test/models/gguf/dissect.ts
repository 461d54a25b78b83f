import { Buffer } from "node:buffer";

import { ggufBytes, type TinyGguf, type TinyTensor, type Value } from "./tiny-gguf.ts";

/** A file, taken apart. `boundaries`: where each of its entries begins, and where its data do. */
export interface Dissected {
  file: TinyGguf;
  data: Buffer;
  boundaries: readonly number[];
  headerBytes: number;
}

const scalarSizes: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const stringType = 8;
const arrayType = 9;

export function dissect(bytes: Buffer): Dissected {
  let at = 8;
  const u64At = (): number => Number(bytes.readBigUInt64LE((at += 8) - 8));
  const u32At = (): number => bytes.readUInt32LE((at += 4) - 4);
  const textAt = (): string => {
    const length = u64At();
    return bytes.toString("utf8", at, (at += length));
  };
  const skip = (type: number): void => {
    if (type === stringType) textAt();
    else at += scalarSizes[type] ?? 0;
  };
  const tensorCount = u64At();
  const entryCount = u64At();
  const boundaries = [4, 8, 16];
  const metadata = Array.from({ length: entryCount }, (): [string, Value] => {
    boundaries.push(at);
    const key = textAt();
    const from = at;
    boundaries.push(at);
    const type = u32At();
    if (type === arrayType) {
      const itemType = u32At();
      const length = u64At();
      for (let index = 0; index < length; index++) skip(itemType);
    } else skip(type);
    return [key, bytes.subarray(from, at)];
  });
  const tensors = Array.from({ length: tensorCount }, (): TinyTensor => {
    boundaries.push(at);
    const name = textAt();
    boundaries.push(at);
    const dimensions = Array.from({ length: u32At() }, () => BigInt(u64At()));
    return { name, dimensions, type: u32At(), offset: BigInt(u64At()) };
  });
  const headerBytes = at;
  const dataStart = Math.ceil(at / 32) * 32;
  const data = bytes.subarray(dataStart);
  const places = tensors.map(({ offset }) => dataStart + Number(offset));
  const file: TinyGguf = {
    magic: "GGUF",
    version: bytes.subarray(4, 8),
    tensorCount: BigInt(tensorCount),
    entryCount: BigInt(entryCount),
    metadata,
    tensors,
    dataBytes: 0,
  };
  return { file, data, boundaries: [...boundaries, headerBytes, ...places], headerBytes };
}

/** The file with another head; the counts are those of its lists. */
export function assemble({ file, data }: Dissected, change: Partial<TinyGguf> = {}): Buffer {
  const changed = { ...file, ...change };
  const counts = { tensorCount: BigInt(changed.tensors.length), entryCount: BigInt(changed.metadata.length) };
  return Buffer.concat([ggufBytes({ ...changed, ...counts, ...change }), data]);
}

export interface Mutant {
  name: string;
  bytes: Buffer;
}
