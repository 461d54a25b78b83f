import { availableParallelism, totalmem } from "node:os";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseCpuList } from "../../src/hardware/cpu.ts";
import { readMachine } from "../../src/hardware/index.ts";
import { describeMachine } from "../../src/hardware/machine.ts";
import {
  appleLaptop,
  armBoard,
  dualSocketServer,
  firstCgroups,
  hybridByClock,
  hybridLaptop,
  nestedGroups,
  silentMachine,
  smallContainer,
  windowsDesktop,
} from "./fixtures/recorded-machines.ts";

describe("cores", () => {
  test("fast and slow cores of a laptop are told apart, and hyper-threads count once", () => {
    expect(describeMachine(hybridLaptop)).toMatchObject({
      cores: 20,
      logicalCores: 20,
      physicalCores: 14,
      performanceCores: 6,
      efficiencyCores: 8,
    });
  });

  test("without names for the kinds the clocks tell; favoured cores are of the same kind", () => {
    expect(describeMachine(hybridByClock)).toMatchObject({ performanceCores: 4, efficiencyCores: 4 });
  });

  test("a board tells the capacity of its cores", () => {
    expect(describeMachine(armBoard)).toMatchObject({ physicalCores: 8, performanceCores: 4, efficiencyCores: 4 });
  });

  test("Apple tells its levels of performance", () => {
    expect(describeMachine(appleLaptop)).toMatchObject({
      cores: 10,
      physicalCores: 10,
      performanceCores: 4,
      efficiencyCores: 6,
      cpuModel: "Apple M4",
    });
  });

  test("a process that is bound to one of two sockets has the cores of that one", () => {
    expect(describeMachine(dualSocketServer)).toMatchObject({ cores: 32, physicalCores: 16, performanceCores: 16 });
  });

  test("one and a half processors of a container are one core", () => {
    expect(describeMachine(smallContainer)).toMatchObject({ cores: 1, physicalCores: 32 });
  });

  test("the strictest group around the process counts", () => {
    expect(describeMachine(nestedGroups).cores).toBe(2);
    expect(describeMachine(firstCgroups).cores).toBe(2);
  });

  test("where nothing tells, two threads of a PC are one core", () => {
    expect(describeMachine(windowsDesktop)).toMatchObject({ cores: 16, physicalCores: 8, performanceCores: 8 });
    expect(describeMachine({ ...windowsDesktop, architecture: "arm64" }).physicalCores).toBe(16);
  });

  test("a system that tells nothing still has its processors and memory", () => {
    expect(describeMachine(silentMachine)).toMatchObject({
      cores: 3,
      physicalCores: 3,
      performanceCores: 3,
      cpuModel: "unknown",
      memoryBytes: 4_000_000_000,
      availableBytes: 1_000_000_000,
    });
  });
});

describe("features", () => {
  test.each([
    ["a laptop", hybridLaptop, ["avx", "avx2", "avxvnni", "f16c", "fma", "bmi2"]],
    ["a server", smallContainer, ["avx2", "avx512f", "avx512vnni", "amx-tile", "amx-int8", "f16c", "fma"]],
    ["an ARM board", armBoard, ["neon", "dotprod", "fp16", "i8mm", "sve"]],
    ["an Apple", appleLaptop, ["neon", "dotprod", "i8mm"]],
  ])("of %s have our names", (_, source, features) => {
    expect(describeMachine(source).cpuFeatures).toEqual(features);
  });
});

describe("memory", () => {
  test("what is available counts the page cache, and swap is told", () => {
    expect(describeMachine(hybridLaptop)).toMatchObject({
      memoryBytes: 32_500_000 * 1024,
      availableBytes: 21_000_000 * 1024,
      swapBytes: 8_000_000 * 1024,
      freeSwapBytes: 7_500_000 * 1024,
    });
  });

  test("a container has its limit, less what is used and not page cache", () => {
    expect(describeMachine(smallContainer)).toMatchObject({ memoryBytes: 2e9, availableBytes: 1.5e9 });
    expect(describeMachine(firstCgroups)).toMatchObject({ memoryBytes: 4e9, availableBytes: 3e9 });
  });

  test("inner groups share what is left of the outer one", () => {
    expect(describeMachine(nestedGroups)).toMatchObject({ memoryBytes: 8e9, availableBytes: 3e9 });
  });

  test("Apple's free, inactive, speculative and purgeable pages are available", () => {
    expect(describeMachine(appleLaptop)).toMatchObject({
      memoryBytes: 17_179_869_184,
      availableBytes: 216_000 * 16_384,
      swapBytes: 2 ** 31,
      freeSwapBytes: 1.5 * 2 ** 30,
    });
  });
});

test("this machine is described in whole cores and bytes", () => {
  const machine = readMachine();
  expect(machine.cores).toBeGreaterThanOrEqual(1);
  expect(machine.cores).toBeLessThanOrEqual(availableParallelism());
  expect(machine.performanceCores + machine.efficiencyCores).toBe(machine.physicalCores);
  expect(machine.memoryBytes).toBeGreaterThan(0);
  expect(machine.memoryBytes).toBeLessThanOrEqual(totalmem());
  expect(machine.availableBytes).toBeGreaterThan(0);
  expect(machine.availableBytes).toBeLessThanOrEqual(machine.memoryBytes);
  expect(machine.cpuModel).not.toBe("");
});

test("whatever the system's files say, there is a core, and no number is nonsense", () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom("max", "-1", "0 0", "1-0", "9-", "0-99999999", "NaN kB", "100000 -1"),
  );
  fc.assert(
    fc.property(text, text, text, (one, two, three) => {
      const texts = [one, two, three];
      const read = (path: string): string | undefined =>
        path === "/proc/self/cgroup" ? `0::/a\n1:cpu:/b\n2:memory:/b\n${one}` : texts[path.length % 4];
      const machine = describeMachine({ ...silentMachine, read });
      expect(machine.cores).toBeGreaterThanOrEqual(1);
      for (const value of Object.values(machine)) {
        if (typeof value === "number") expect(Number.isFinite(value) && value >= 0).toBe(true);
      }
      expect(machine.performanceCores).toBeGreaterThanOrEqual(1);
    }),
    { numRuns: 300 },
  );
});

test("lists of processors are ranges and numbers", () => {
  expect(parseCpuList("0-2,8,10-11\n")).toEqual([0, 1, 2, 8, 10, 11]);
  expect(parseCpuList("")).toEqual([]);
  expect(parseCpuList("3-1")).toEqual([]);
});
