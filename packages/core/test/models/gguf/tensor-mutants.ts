import { Buffer } from "node:buffer";

import { assemble, type Dissected, type Mutant } from "./dissect.ts";
import { placed, type TinyTensor } from "./tiny-gguf.ts";

const tensorChanges: readonly (readonly [string, (tensor: TinyTensor) => Partial<TinyTensor>])[] = [
  ["no dimensions", () => ({ dimensions: [] })],
  ["five dimensions", ({ dimensions }) => ({ dimensions: [...dimensions, 1n, 1n, 1n, 1n].slice(0, 5) })],
  ["four dimensions", ({ dimensions }) => ({ dimensions: [...dimensions, 1n, 1n].slice(0, 4) })],
  ["one dimension", ({ dimensions }) => ({ dimensions: dimensions.slice(0, 1) })],
  ["a first dimension of 0", ({ dimensions }) => ({ dimensions: dimensions.with(0, 0n) })],
  ["a last dimension of 0", ({ dimensions }) => ({ dimensions: dimensions.with(-1, 0n) })],
  [
    "a first dimension one larger",
    ({ dimensions }) => ({ dimensions: dimensions.with(0, (dimensions[0] ?? 0n) + 1n) }),
  ],
  ["a first dimension of half", ({ dimensions }) => ({ dimensions: dimensions.with(0, (dimensions[0] ?? 0n) / 2n) })],
  [
    "a last dimension one smaller",
    ({ dimensions }) => ({ dimensions: dimensions.with(-1, (dimensions.at(-1) ?? 0n) - 1n) }),
  ],
  ["its dimensions swapped", ({ dimensions }) => ({ dimensions: dimensions.toReversed() })],
  ["a negative dimension", ({ dimensions }) => ({ dimensions: dimensions.with(0, 2n ** 64n - 1n) })],
  ["a product that overflows 64 bits", () => ({ dimensions: [2n ** 32n, 2n ** 32n] })],
  ["a product that overflows to 0", () => ({ dimensions: [2n ** 32n, 2n ** 31n, 2n, 1n] })],
  ["a product at the edge of 63 bits", () => ({ dimensions: [2n ** 31n, 2n ** 31n] })],
  ["another type of the same width", () => ({ type: 30 })],
  ["single precision", () => ({ type: 0 })],
  ["half precision", () => ({ type: 1 })],
  ["blocks of 32", () => ({ type: 2 })],
  ["blocks of 256", () => ({ type: 12 })],
  ["whole numbers", () => ({ type: 26 })],
  ["a type that was removed", () => ({ type: 4 })],
  ["an unknown type", () => ({ type: 255 })],
  ["a negative type", () => ({ type: 2 ** 32 - 1 })],
  ["a place off its alignment", ({ offset }) => ({ offset: offset + 1n })],
  ["a place one alignment further", ({ offset }) => ({ offset: offset + 32n })],
  ["the place of the first", ({ offset }) => ({ offset: offset === 0n ? 32n : 0n })],
  ["a place outside the file", () => ({ offset: 2n ** 40n })],
  ["a place that overflows", () => ({ offset: 2n ** 64n - 32n })],
  ["no name", () => ({ name: "" })],
  ["another name", () => ({ name: "blk.0.unheard_of.weight" })],
  ["a name of 64 bytes", () => ({ name: "x".repeat(64) })],
  ["a name of a thousand bytes", () => ({ name: "x".repeat(1000) })],
  ["a name of an absent layer", () => ({ name: "blk.7.attn_q.weight" })],
];

export function tensorMutants(good: Dissected): Mutant[] {
  const { tensors } = good.file;
  return tensors.flatMap((tensor, index) => [
    ...tensorChanges.map(([what, change]): Mutant => {
      const changed = tensors.with(index, { ...tensor, ...change(tensor) });
      return { name: `${tensor.name} with ${what}`, bytes: assemble(good, { tensors: changed }) };
    }),
    { name: `without ${tensor.name}`, bytes: assemble(good, { tensors: tensors.toSpliced(index, 1) }) },
    { name: `${tensor.name} twice`, bytes: assemble(good, { tensors: [...tensors, tensor] }) },
  ]);
}

/** Types and shapes that the rest of the file agrees with. The data are zeros. */
export function relaidMutants(good: Dissected): Mutant[] {
  const { tensors } = good.file;
  const changes: readonly (readonly [string, (tensor: TinyTensor) => Partial<TinyTensor>])[] = [
    ...[0, 1, 2, 8, 9, 26, 27, 30].map((type) => [`type ${type}`, () => ({ type })] as const),
    ["half its width", ({ dimensions }) => ({ dimensions: dimensions.with(0, (dimensions[0] ?? 0n) / 2n) })],
    ["half its height", ({ dimensions }) => ({ dimensions: dimensions.with(-1, (dimensions.at(-1) ?? 0n) / 2n) })],
    ["32 more columns", ({ dimensions }) => ({ dimensions: dimensions.with(0, (dimensions[0] ?? 0n) + 32n) })],
    ["a further dimension", ({ dimensions }) => ({ dimensions: [...dimensions, 2n] })],
  ];
  return tensors.flatMap((tensor, index) =>
    changes.map(([what, change]): Mutant => {
      const { dataBytes, tensors: laid } = placed(tensors.with(index, { ...tensor, ...change(tensor) }));
      return {
        name: `${tensor.name} with ${what}, laid out anew`,
        bytes: assemble({ ...good, data: Buffer.alloc(dataBytes) }, { tensors: laid }),
      };
    }),
  );
}
