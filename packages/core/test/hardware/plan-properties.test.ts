import * as fc from "fast-check";
import { expect, test } from "vitest";

import { type LoadCase, leastChoice } from "../../src/hardware/choose-plan.ts";
import { type LoadPlan, type LoadWish, planLoad, remedies } from "../../src/hardware/index.ts";
import { budgetFor } from "../../src/hardware/load-wish.ts";
import { describeMachine } from "../../src/hardware/machine.ts";
import { desktop } from "./fixtures/recorded-machines.ts";
import { anyLoad } from "./load-arbitrary.ts";

const runs = { numRuns: 200 };
const plan = ({ facts, machine, gpu, wish }: LoadCase) => planLoad(facts, machine, gpu, wish);

test("a plan that was accepted stays within what may be used, and is what was asked for", () => {
  fc.assert(
    fc.property(anyLoad(), (load) => {
      const planned = plan(load);
      if (!planned.ok) return;
      const { ramBytes, vramBytes, contextSize, gpuLayers, threads } = planned.value;
      const budget = budgetFor(load.machine, load.gpu, load.wish);
      expect(vramBytes).toBeLessThanOrEqual(budget.vramBytes);
      expect(ramBytes + (budget.unified ? vramBytes : 0)).toBeLessThanOrEqual(budget.ramBytes);
      expect(contextSize).toBe(load.wish.contextSize ?? contextSize);
      expect(contextSize).toBeLessThanOrEqual(load.facts.contextLength);
      expect(gpuLayers).toBeLessThanOrEqual(load.wish.gpuLayers ?? gpuLayers);
      expect(threads).toBeGreaterThanOrEqual(1);
    }),
    runs,
  );
});

const exactness = ["q4_0", "q8_0", "f16"];

/** The parts of a plan in the order in which memory is spent on them. */
const worth = ({ contextSize, gpuLayers, kvType, batchSize }: LoadPlan, most: number): number[] => [
  contextSize,
  Number(gpuLayers === most),
  exactness.indexOf(kvType),
  batchSize,
  gpuLayers,
];

const isLess = (one: readonly number[], other: readonly number[]): boolean => {
  const difference = one.map((value, index) => value - (other[index] ?? 0)).find((value) => value !== 0);
  return difference !== undefined && difference < 0;
};

test("more memory never gives a smaller plan", () => {
  const more = fc.record({ ram: fc.integer({ min: 0, max: 20e9 }), vram: fc.integer({ min: 0, max: 20e9 }) });
  fc.assert(
    fc.property(anyLoad(), more, (load, { ram, vram }) => {
      const before = plan(load);
      const { machine, gpu } = load;
      const devices = (gpu?.devices ?? []).map((device) => ({ ...device, freeBytes: device.freeBytes + vram }));
      const after = plan({
        ...load,
        machine: { ...machine, availableBytes: machine.availableBytes + ram },
        gpu: gpu && { ...gpu, devices },
      });
      if (!before.ok) return;
      if (!after.ok) throw after.error;
      const most = load.facts.layers.length + 1;
      expect(isLess(worth(after.value, most), worth(before.value, most))).toBe(false);
    }),
    runs,
  );
});

test("every remedy of a refusal makes the model fit", () => {
  let refused = 0;
  fc.assert(
    fc.property(anyLoad(), (load) => {
      const planned = plan(load);
      if (planned.ok || planned.error.code !== "MODEL_FAILED") return;
      refused++;
      const found = remedies(load);
      expect(found.length).toBeGreaterThan(0);
      for (const { words, apply } of found) {
        expect(planned.error.hint).toContain(words);
        expect(plan(apply(load)), words).toMatchObject({ ok: true });
      }
    }),
    runs,
  );
  expect(refused).toBeGreaterThan(20);
});

test("a refusal names more than may be used", () => {
  fc.assert(
    fc.property(anyLoad(), (load) => {
      const planned = plan(load);
      if (planned.ok || planned.error.code !== "MODEL_FAILED") return;
      const { demand } = leastChoice(load);
      const budget = budgetFor(load.machine, load.gpu, load.wish);
      const ram = demand.ramBytes + (budget.unified ? demand.vramBytes : 0);
      expect(ram > budget.ramBytes || demand.vramBytes > budget.vramBytes).toBe(true);
    }),
    runs,
  );
});

test("after a death on the GPU there are at most half as many layers, and after a second one none", () => {
  fc.assert(
    fc.property(anyLoad(), (load) => {
      const first = plan(load);
      if (!first.ok || first.value.gpuLayers === 0) return;
      const dead = (...failedGpuLayers: number[]): LoadWish => ({ ...load.wish, failedGpuLayers });
      const roomy = { ...load, machine: { ...describeMachine(desktop), availableBytes: 2 ** 45 } };
      const { gpuLayers } = first.value;
      const second = plan({ ...roomy, wish: { ...dead(gpuLayers), ramBytes: 2 ** 45 } });
      if (!second.ok) throw second.error;
      expect(second.value.gpuLayers).toBeLessThanOrEqual(gpuLayers / 2);
      const third = plan({ ...roomy, wish: { ...dead(gpuLayers, second.value.gpuLayers), ramBytes: 2 ** 45 } });
      expect(third).toMatchObject({ ok: true, value: { backend: "cpu", gpuLayers: 0, vramBytes: 0 } });
    }),
    runs,
  );
});
