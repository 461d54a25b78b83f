import { describe, expect, test } from "vitest";

import { type GpuFacts, type LoadPlan, type LoadWish, type ModelFacts, planLoad } from "../../src/hardware/index.ts";
import type { MachineSource } from "../../src/hardware/machine-source.ts";
import { describeMachine } from "../../src/hardware/machine.ts";
import type { TrustError } from "../../src/protocol/errors.ts";
import { appleUnified, largeCuda, smallVulkan } from "./fixtures/recorded-gpus.ts";
import { appleDesktop, desktop, pairContainer, plainLaptop } from "./fixtures/recorded-machines.ts";
import { coder1b, coder32b, general70b, general8b } from "./fixtures/recorded-models.ts";

interface Place {
  on: MachineSource;
  with?: GpuFacts;
  wish?: LoadWish;
}

const planned = (facts: ModelFacts, { on, with: gpu, wish = {} }: Place) =>
  planLoad(facts, describeMachine(on), gpu, wish);

function planOf(facts: ModelFacts, place: Place): LoadPlan {
  const plan = planned(facts, place);
  if (!plan.ok) throw plan.error;
  return plan.value;
}

function refusalOf(facts: ModelFacts, place: Place): TrustError {
  const plan = planned(facts, place);
  if (plan.ok) throw new Error(`it fits: ${JSON.stringify(plan.value)}`);
  return plan.error;
}

describe("an Apple whose GPU shares its 32 GB", () => {
  const place = { on: appleDesktop, with: appleUnified };

  test("computes all of an 8B model with Metal, on the fast cores, mapped from its file", () => {
    expect(planOf(general8b, place)).toMatchObject({
      backend: "metal",
      gpuLayers: 33,
      contextSize: 16_384,
      kvType: "f16",
      flashAttention: true,
      useMmap: true,
      useDirectIo: false,
      threads: 8,
    });
  });

  test("counts what lies on the GPU as memory of the machine, too", () => {
    const { ramBytes, vramBytes } = planOf(general8b, place);
    const room = { ...place, wish: { ramBytes: ramBytes + vramBytes } };
    expect(planOf(general8b, room)).toMatchObject({ gpuLayers: 33, contextSize: 16_384 });
    const tight = { ...place, wish: { ramBytes: ramBytes + vramBytes - 1, sequences: 2, contextSize: 16_384 } };
    const less = planOf(general8b, tight);
    expect(less.ramBytes + less.vramBytes).toBeLessThan(ramBytes + vramBytes);
    expect(refusalOf(general70b, place).message).toMatch(/needs 4\d\.\d GB of memory, and 20\.\d GB may be used/);
  });
});

describe("a CUDA card of 24 GB", () => {
  const place = { on: desktop, with: largeCuda };

  test("holds a 32B model with its usual context, with keys and values that are coarser rather than a layer in RAM", () => {
    const plan = planOf(coder32b, place);
    expect(plan).toMatchObject({ backend: "cuda", gpuLayers: 65, contextSize: 16_384, kvType: "q8_0" });
    expect(plan.vramBytes).toBeLessThan(24_100_000_000 * 0.95);
    expect(plan.reasons).toContain("Keys and values in q8_0: f16 does not fit.");
  });

  test("shares a 70B model with the processor, and the weights on their way are not mapped when RAM is small", () => {
    const plan = planOf(general70b, place);
    expect(plan.gpuLayers).toBeGreaterThan(30);
    expect(plan.gpuLayers).toBeLessThan(50);
    expect(plan.reasons.join(" ")).toMatch(/of 81 layers on the GPU: more does not fit into 22\.\d GB of its memory/);
    const little = { ...describeMachine(desktop), availableBytes: 12e9 };
    const small = planLoad(coder32b, little, largeCuda, {});
    expect(small.ok && small.value).toMatchObject({ gpuLayers: 65, useMmap: false, useDirectIo: true, mappedBytes: 0 });
  });

  test("is not used beyond the person's limit", () => {
    const plan = planOf(general8b, { ...place, wish: { vramBytes: 4e9 } });
    expect(plan.vramBytes).toBeLessThanOrEqual(4e9);
    expect(plan.gpuLayers).toBeGreaterThan(0);
    expect(plan.gpuLayers).toBeLessThan(33);
  });

  test("is shared with the models that stay", () => {
    const alone = planOf(coder32b, place);
    const residents = [{ ramBytes: 1e9, vramBytes: 20e9, mappedBytes: 0 }];
    const limited = { ...place, wish: { residents, vramBytes: 24e9 } };
    expect(planOf(general8b, limited).vramBytes).toBeLessThanOrEqual(4e9);
    expect(alone.vramBytes).toBeGreaterThan(20e9);
  });

  test("with which the process died has half the layers, and none when it died again", () => {
    const failed = (...failedGpuLayers: number[]) => planOf(general8b, { ...place, wish: { failedGpuLayers } });
    expect(failed(33)).toMatchObject({ backend: "cuda", gpuLayers: 16 });
    expect(failed(33).reasons.join(" ")).toContain("16 of 33 layers on the GPU: the process died with 33.");
    expect(failed(33, 16)).toMatchObject({ backend: "cpu", gpuLayers: 0, vramBytes: 0 });
    expect(failed(33, 16).reasons.join(" ")).toContain("the process died with 33 and then 16.");
    expect(failed(1)).toMatchObject({ backend: "cpu", gpuLayers: 0 });
  });
});

describe("a Vulkan card of 8 GB in a laptop of 16", () => {
  const place = { on: plainLaptop, with: smallVulkan };

  test("holds an 8B model, with less beside it the larger its context is", () => {
    expect(planOf(general8b, place)).toMatchObject({
      backend: "vulkan",
      gpuLayers: 33,
      contextSize: 16_384,
      sequences: 1,
    });
    const large = planOf(general8b, { ...place, wish: { contextSize: 32_768 } });
    expect(large.contextSize).toBe(32_768);
    expect([large.kvType, large.gpuLayers < 33]).not.toEqual(["f16", false]);
  });

  test("and RAM together are not enough for a 32B model, and the refusal says what would be", () => {
    const { code, message, hint } = refusalOf(coder32b, place);
    expect([code, message]).toEqual([
      "MODEL_FAILED",
      expect.stringMatching(/^32B coder does not fit: with a context of 4096 tokens/),
    ]);
    expect(hint).toMatch(/^what would fit: a model of at most 1\d\.\d GB; or \d\.\d GB more free memory/);
  });
});

describe("a laptop of 16 GB without a GPU", () => {
  test("runs an 8B model on its four cores, mapped from its file", () => {
    expect(planOf(general8b, { on: plainLaptop })).toMatchObject({
      backend: "cpu",
      gpuLayers: 0,
      vramBytes: 0,
      contextSize: 16_384,
      sequences: 1,
      threads: 4,
      useMmap: true,
    });
  });

  test("has room for several conversations where their memory is small", () => {
    expect(planOf(coder1b, { on: plainLaptop })).toMatchObject({ sequences: 1, kvType: "f16", contextSize: 16_384 });
    const wish = { contextSize: 2048 };
    expect(planOf(coder1b, { on: plainLaptop, wish })).toMatchObject({ sequences: 4, kvType: "f16" });
  });

  test("obeys a wish, and refuses what no memory would grant", () => {
    const wish = { contextSize: 8192, kvType: "q8_0", sequences: 2, threads: 3 } as const;
    expect(planOf(general8b, { on: plainLaptop, wish })).toMatchObject(wish);
    expect(refusalOf(coder1b, { on: plainLaptop, wish: { contextSize: 65_536 } })).toMatchObject({
      code: "MODEL_INVALID",
      hint: "trust config set context.size 32768",
    });
  });
});

describe("a container with two processors and 4 GB on a large server", () => {
  test("runs a small model within its limits", () => {
    const plan = planOf(coder1b, { on: pairContainer });
    expect(plan).toMatchObject({ threads: 2, contextSize: 16_384, backend: "cpu" });
    expect(plan.ramBytes).toBeLessThan(3.5e9);
  });

  test("gets a smaller context when memory is short", () => {
    const plan = planOf(coder1b, { on: pairContainer, wish: { ramBytes: 1.3e9 } });
    expect(plan.contextSize).toBeLessThan(16_384);
    expect(plan.reasons.join(" ")).toContain("more does not fit into 1.3 GB");
  });

  test("refuses what the server could run, and it could not", () => {
    expect(refusalOf(general8b, { on: pairContainer }).message).toMatch(/needs 5\.\d GB of memory, and 3\.\d GB may/);
  });
});

test("a context of a few tokens has room for a token of each conversation", () => {
  const short = { ...coder1b, contextLength: 3 };
  expect(planOf(short, { on: plainLaptop })).toMatchObject({ contextSize: 3, batchSize: 3, sequences: 3 });
  expect(planOf(short, { on: plainLaptop, wish: { sequences: 4 } }).batchSize).toBe(4);
});
