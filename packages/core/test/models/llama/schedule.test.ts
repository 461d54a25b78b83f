import { describe, expect, test } from "vitest";

import { type Candidate, ChunkSize, shareBatch } from "../../../src/models/llama/host/schedule.ts";

const reader = (pending: number, more: Partial<Candidate> = {}): Candidate => {
  return { priority: 5, pending, writing: false, drafted: 0, served: 0, ...more };
};
const writer = (drafted = 0): Candidate => ({ priority: 5, pending: 1, writing: true, drafted, served: 0 });

describe("a batch", () => {
  test("has a token of everyone who writes, and one chunk of prompts", () => {
    expect(shareBatch([writer(), reader(1000), writer(8)], { batch: 512, chunk: 64 })).toEqual([1, 64, 1]);
  });

  test.each([
    [64 + 63, [127]],
    [64 + 64, [64]],
    [1000, [64]],
    [20, [20]],
  ])("takes a rest that is too small for a batch of its own along: %i tokens", (pending, shares) => {
    expect(shareBatch([reader(pending)], { batch: 512, chunk: 64 })).toEqual(shares);
  });

  test("is never larger than llama.cpp's", () => {
    expect(shareBatch([reader(120)], { batch: 100, chunk: 100 })).toEqual([100]);
  });
});

/** What a model costs: milliseconds a token in batches of at least 64, and in smaller ones. */
function chunksOf({ tiled, small }: { tiled: number; small: number }, batches = 20): number[] {
  const chunk = new ChunkSize();
  return Array.from({ length: batches }, () => {
    const size = chunk.next(512);
    chunk.learn(size, size * (size >= 64 ? tiled : small));
    return size;
  });
}

describe("the size of a chunk", () => {
  test("fills the time that an abort may take, on a machine that reads quickly", () => {
    expect(chunksOf({ tiled: 0.4, small: 0.8 }).at(-1)).toBe(250);
  });

  test("stays at 64 tokens where smaller batches cost much more", () => {
    expect(chunksOf({ tiled: 3, small: 5.5 }).slice(3)).toEqual(Array.from({ length: 17 }, () => 64));
  });

  test("is small where they cost the same", () => {
    expect(chunksOf({ tiled: 4, small: 4.1 }).at(-1)).toBe(25);
  });

  test("never tries a large batch on a model that is far too slow for it", () => {
    expect(Math.max(...chunksOf({ tiled: 80, small: 90 }))).toBe(16);
  });
});
