import { type BoundedReader, BrokenGguf } from "./bounded-reader.ts";

/** GGUF value types, from ggml's gguf.h. */
export const valueTypes = { u32: 4, i32: 5, f32: 6, string: 8, array: 9 } as const;
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

export type GgufScalar = number | bigint | boolean | string;

/** An array that was only counted, or one whose elements were wanted. `itemType` is one of `valueTypes`. */
export interface GgufArray {
  itemType: number;
  length: number;
  items: GgufScalar[] | undefined;
}

export type GgufValue = GgufScalar | GgufArray;

/** Arrays whose elements are kept, as are short ones of numbers, such as one a layer; others are checked and skipped. */
const keptArrays = new Set(["tokenizer.ggml.tokens", "tokenizer.ggml.token_type"]);
const shortArray = 512;

/** Far above any real vocabulary or list of merges: a bound for the memory and the time of reading. */
const mostKeptItems = 1 << 21;
const mostItems = 1 << 24;

export function readValue(reader: BoundedReader, key: string): GgufValue {
  const type = reader.u32();
  if (type !== valueTypes.array) return readScalar(reader, type, key);
  const itemType = reader.u32();
  const length = reader.size64(`length of ${key}`);
  if (itemType === valueTypes.array) throw new BrokenGguf(`its value ${key} is an array of arrays`);
  const smallest = itemType === valueTypes.string ? 8 : scalarSize(itemType, key);
  if (length * smallest > reader.left) {
    throw new BrokenGguf(`its list ${key} claims ${length} values, more than the file holds`);
  }
  const kept = keptArrays.has(key) || (itemType !== valueTypes.string && length <= shortArray);
  if (length > (kept ? mostKeptItems : mostItems)) throw new BrokenGguf(`its list ${key} claims ${length} values`);
  if (kept) return { itemType, length, items: readItems(reader, itemType, length, key) };
  skipItems(reader, itemType, length, key);
  return { itemType, length, items: undefined };
}

function readItems(reader: BoundedReader, type: number, length: number, key: string): GgufScalar[] {
  const items: GgufScalar[] = [];
  const unreadable = new Set<string>();
  for (let index = 0; index < length; index++) {
    if (type === valueTypes.string) items.push(readDistinct(reader, key, unreadable));
    else items.push(readScalar(reader, type, key));
  }
  return items;
}

/** Texts that are no UTF-8 cannot be told apart once they are read; llama.cpp ends the process when two are the same. */
function readDistinct(reader: BoundedReader, key: string, unreadable: Set<string>): string {
  const bytes = reader.textBytes(`value ${key}`);
  const text = bytes.toString("utf8");
  if (!text.includes("\uFFFD")) return text;
  const [raw = ""] = bytes.toString("latin1").split("\0", 1);
  if (raw !== "" && unreadable.has(raw)) throw new BrokenGguf(`its list ${key} holds the same bytes twice`);
  unreadable.add(raw);
  return text;
}

function skipItems(reader: BoundedReader, type: number, length: number, key: string): void {
  if (type !== valueTypes.string) return reader.skip(length * scalarSize(type, key));
  for (let index = 0; index < length; index++) reader.skip(reader.size64(`length of a string in ${key}`));
}

function readScalar(reader: BoundedReader, type: number, key: string): GgufScalar {
  if (type === valueTypes.string) return reader.string(`value ${key}`);
  const bytes = reader.bytes(scalarSize(type, key));
  return decode(type, bytes);
}

function scalarSize(type: number, key: string): number {
  const size = scalarSizes[type];
  if (size === undefined) throw new BrokenGguf(`its value ${key} has the unknown type ${type}`);
  return size;
}

const decoders: Readonly<Record<number, (bytes: Buffer) => GgufScalar>> = {
  0: (bytes) => bytes.readUInt8(),
  1: (bytes) => bytes.readInt8(),
  2: (bytes) => bytes.readUInt16LE(),
  3: (bytes) => bytes.readInt16LE(),
  4: (bytes) => bytes.readUInt32LE(),
  5: (bytes) => bytes.readInt32LE(),
  6: (bytes) => bytes.readFloatLE(),
  7: (bytes) => bytes.readUInt8() !== 0,
  10: (bytes) => bytes.readBigUInt64LE(),
  11: (bytes) => bytes.readBigInt64LE(),
  12: (bytes) => bytes.readDoubleLE(),
};

function decode(type: number, bytes: Buffer): GgufScalar {
  const decoder = decoders[type];
  if (decoder === undefined) throw new BrokenGguf(`a value has the unknown type ${type}`);
  return decoder(bytes);
}
