import { expect, test } from "vitest";

import { contestedCores, createLoadSampler } from "../../src/hardware/index.ts";
import type { CpuTimes } from "../../src/hardware/load-sampler.ts";

/** Loads in cores over quarters of a second. */
function times(processors: number, quarters: readonly { all: number; own: number }[]): () => CpuTimes {
  const readings: CpuTimes[] = [{ busy: 5000, own: 900, now: 1000, processors }];
  for (const { all, own } of quarters) {
    const last = readings.at(-1) ?? { busy: 0, own: 0, now: 0 };
    readings.push({ busy: last.busy + all * 250, own: last.own + own * 250, now: last.now + 250, processors });
  }
  return () => readings.shift() ?? { busy: 0, own: 0, now: 0, processors };
}

test("the load is that of other programs, without our own", () => {
  const sample = createLoadSampler(
    4,
    times(4, [
      { all: 3, own: 2 },
      { all: 4, own: 4 },
      { all: 2.5, own: 0 },
    ]),
  );
  expect([sample(), sample(), sample()]).toEqual([1, 0, 2.5]);
});

test("load that fits on processors we may not use does not count", () => {
  const sample = createLoadSampler(
    2,
    times(8, [
      { all: 7, own: 2 },
      { all: 8, own: 1 },
    ]),
  );
  expect([sample(), sample()]).toEqual([0, 1]);
});

test("two calls at nearly the same time tell the same", () => {
  let now = 0;
  const sample = createLoadSampler(4, () => ({ busy: now * 2, own: 0, now, processors: 4 }));
  now = 250;
  expect(sample()).toBe(2);
  now = 260;
  expect(sample()).toBe(2);
});

test("a process that counts its own time ahead of the system's clock is no negative load", () => {
  const sample = createLoadSampler(4, times(4, [{ all: 1.9, own: 2 }]));
  expect(sample()).toBe(0);
});

test("on this machine the load is between none and all cores", () => {
  const sample = createLoadSampler(2);
  expect(sample()).toBeGreaterThanOrEqual(0);
  expect(sample()).toBeLessThanOrEqual(2);
});

test("efficiency cores are where other programs do not disturb", () => {
  expect(contestedCores({ cores: 20, efficiencyCores: 8 })).toBe(12);
  expect(contestedCores({ cores: 1, efficiencyCores: 4 })).toBe(1);
});
