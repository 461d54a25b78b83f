import { type BoundedReader, BrokenGguf } from "./bounded-reader.ts";

/**
 * Elements and bytes of one block, by ggml type (ggml.c, type_traits). Not here are the types that llama.cpp uses only
 * while it computes: it crashes on weights in them.
 */
const blocks: Readonly<Record<number, readonly [elements: number, bytes: number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  16: [256, 66],
  17: [256, 74],
  18: [256, 98],
  19: [256, 50],
  20: [32, 18],
  21: [256, 110],
  22: [256, 82],
  23: [256, 136],
  26: [1, 4],
  29: [256, 56],
  30: [1, 2],
  34: [256, 54],
  35: [256, 66],
  39: [32, 17],
  40: [64, 36],
  41: [128, 18],
  42: [64, 18],
};
const mostDimensions = 4;
const singlePrecision = 0;
const wholeNumbers = 26;
/** ggml's TENSOR_ALIGNMENT: a mapped file is used where it lies. */
const placeAlignment = 32;

/** The dimensions of a tensor, innermost first, and its size in the file. */
interface GgufTensor {
  shape: readonly number[];
  bytes: number;
}

/** By name. */
export type GgufTensors = ReadonlyMap<string, GgufTensor>;

interface Extent extends GgufTensor {
  name: string;
  offset: number;
}

/** Checks every tensor's shape, type, place and end, so that native code never reads beyond the file. */
export function checkTensors(reader: BoundedReader, count: number, alignment: number): GgufTensors {
  if (count === 0) throw new BrokenGguf("it holds no tensors");
  const tensors = new Map<string, GgufTensor>();
  const extents: Extent[] = [];
  for (let index = 0; index < count; index++) {
    const extent = readTensor(reader, alignment);
    if (tensors.has(extent.name)) throw new BrokenGguf(`its tensor ${extent.name} appears twice`);
    tensors.set(extent.name, { shape: extent.shape, bytes: extent.bytes });
    extents.push(extent);
  }
  const dataStart = Math.ceil(reader.position / alignment) * alignment;
  checkPlaces(extents, dataStart);
  const end = Math.max(...extents.map(({ offset, bytes }) => dataStart + offset + bytes));
  if (end > reader.size) throw new BrokenGguf(`it is truncated: ${end - reader.size} of its ${end} bytes are missing`);
  return tensors;
}

function checkPlaces(extents: readonly Extent[], dataStart: number): void {
  let end = 0;
  for (const { name, offset, bytes } of extents.toSorted((a, b) => a.offset - b.offset)) {
    if (offset < end) throw new BrokenGguf(`its tensor ${name} lies over another`);
    if ((dataStart + offset) % placeAlignment !== 0) throw new BrokenGguf(`its tensor ${name} is not aligned`);
    end = offset + bytes;
  }
}

/** What a name says of the only types that llama.cpp can compute with there; on others it ends the process. */
function checkType(name: string, type: number): void {
  const isAdded = /norm\.weight$|\.bias$/.test(name);
  const isTable = name.endsWith("tid2eid.weight");
  if ((isAdded && type !== singlePrecision) || (type === wholeNumbers && !isTable)) {
    throw new BrokenGguf(`its tensor ${name} cannot have the type ${type}`);
  }
}

function readTensor(reader: BoundedReader, alignment: number): Extent {
  const name = reader.string("tensor name");
  if (name === "" || name.length > 127) throw new BrokenGguf("it has a tensor without a proper name");
  const { shape, total } = readShape(reader, name);
  const type = reader.u32();
  const block = blocks[type];
  if (block === undefined) throw new BrokenGguf(`its tensor ${name} has the unknown type ${type}`);
  checkType(name, type);
  const [width, size] = block;
  if ((shape[0] ?? 0) % width !== 0) throw new BrokenGguf(`the rows of its tensor ${name} do not fill its blocks`);
  const offset = reader.size64(`place of tensor ${name}`);
  if (offset % alignment !== 0) throw new BrokenGguf(`its tensor ${name} is not aligned`);
  return { name, shape, offset, bytes: (total / width) * size };
}

function readShape(reader: BoundedReader, name: string): { shape: number[]; total: number } {
  const dimensions = reader.u32();
  if (dimensions < 1 || dimensions > mostDimensions)
    throw new BrokenGguf(`its tensor ${name} has ${dimensions} dimensions`);
  const sizes = Array.from({ length: dimensions }, () => reader.size64(`shape of tensor ${name}`));
  if (sizes.includes(0)) throw new BrokenGguf(`its tensor ${name} has a dimension of 0`);
  const total = sizes.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(total)) throw new BrokenGguf(`the size of its tensor ${name} overflows`);
  return { shape: sizes, total };
}
