import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { computeCores, nextThreads, threadsFor, type ThreadState } from "../../src/hardware/index.ts";

const calm = { usableCores: 8, otherLoad: 0, ownCommandCores: 0, best: 8 };
const run = (state: ThreadState, samples: readonly (typeof calm)[]): number[] => {
  let current = state;
  return samples.map((sample) => (current = nextThreads(current, sample)).threads);
};

describe("the first number of threads", () => {
  test("is one for each fast core that may be used", () => {
    expect(computeCores({ cores: 20, performanceCores: 6 })).toBe(6);
    expect(computeCores({ cores: 1, performanceCores: 32 })).toBe(1);
    expect([1, 2, 8].map((cores) => threadsFor(cores, undefined))).toEqual([1, 2, 8]);
  });

  test("is what the person asks for, however many", () => {
    expect(threadsFor(4, 12)).toBe(12);
  });
});

describe("while other programs work", () => {
  test("threads yield their cores at once", () => {
    expect(run({ threads: 8, calmSamples: 0 }, [{ ...calm, otherLoad: 2.9 }])).toEqual([5]);
  });

  test("the noise of an idle system takes no core", () => {
    expect(run({ threads: 8, calmSamples: 0 }, [{ ...calm, otherLoad: 0.2 }])).toEqual([8]);
  });

  test("our own commands take cores before they are seen to run, and not twice once they are", () => {
    expect(run({ threads: 8, calmSamples: 0 }, [{ ...calm, ownCommandCores: 2 }])).toEqual([6]);
    expect(run({ threads: 8, calmSamples: 0 }, [{ ...calm, ownCommandCores: 2, otherLoad: 2 }])).toEqual([6]);
  });

  test("threads come back only after a second of calm", () => {
    expect(run({ threads: 3, calmSamples: 0 }, [calm, calm, calm, calm, calm])).toEqual([3, 3, 3, 8, 8]);
  });

  test("a load that comes and goes does not make them flap", () => {
    const busy = { ...calm, otherLoad: 4 };
    const samples = Array.from({ length: 12 }, (_, index) => (index % 3 === 0 ? busy : calm));
    expect(new Set(run({ threads: 8, calmSamples: 0 }, samples))).toEqual(new Set([4]));
  });

  test("no more than the best measured number are used", () => {
    expect(run({ threads: 1, calmSamples: 3 }, [{ ...calm, best: 6 }])).toEqual([6]);
  });
});

test("there is always a thread, and never more than free cores, whatever the load", () => {
  const sample = fc.record({
    usableCores: fc.integer({ min: 1, max: 128 }),
    otherLoad: fc.double({ min: 0, max: 200, noNaN: true }),
    ownCommandCores: fc.integer({ min: 0, max: 64 }),
    best: fc.integer({ min: 1, max: 128 }),
  });
  fc.assert(
    fc.property(
      fc.array(sample, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 128 }),
      (samples, first) => {
        let state: ThreadState = { threads: first, calmSamples: 0 };
        for (const one of samples) {
          state = nextThreads(state, one);
          const free = one.usableCores - Math.max(one.otherLoad, one.ownCommandCores);
          expect(Number.isInteger(state.threads)).toBe(true);
          expect(state.threads).toBeGreaterThanOrEqual(1);
          expect(state.threads).toBeLessThanOrEqual(Math.max(1, Math.min(one.best, free + 0.25)));
        }
      },
    ),
  );
});
