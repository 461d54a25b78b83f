import { totalmem } from "node:os";

import { expect, test } from "vitest";

import { cgroupCores, readMachine, threadsFor } from "../../src/hardware/index.ts";

test("one core stays free, and there is always a thread", () => {
  expect([1, 2, 4, 16].map((cores) => threadsFor(cores, undefined))).toEqual([1, 1, 3, 15]);
});

test("what the person asks for wins", () => {
  expect(threadsFor(4, 12)).toBe(12);
});

test("the CPU quota of a container counts as its cores", () => {
  expect(cgroupCores("200000 100000\n")).toBe(2);
  expect(cgroupCores("150000 100000\n")).toBe(1);
  expect(cgroupCores("20000 100000\n")).toBe(1);
  for (const unlimited of ["max 100000\n", "max", "", "nonsense", "0 0"]) {
    expect(cgroupCores(unlimited)).toBe(Number.POSITIVE_INFINITY);
  }
});

test("this machine is described in whole cores and bytes", () => {
  const machine = readMachine();
  expect(Number.isInteger(machine.cores) && machine.cores >= 1).toBe(true);
  expect(machine.memoryBytes).toBe(totalmem());
  expect(machine.freeMemoryBytes).toBeGreaterThan(0);
  expect(machine.cpuModel).not.toBe("");
});
