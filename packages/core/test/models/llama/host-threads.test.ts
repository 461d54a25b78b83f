import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { readMachine } from "../../../src/hardware/index.ts";
import { type ModelThreads, HostThreads } from "../../../src/models/llama/host/threads.ts";
import { temporaryFolder } from "../../workspace/temporary-folder.ts";

const machine = { ...readMachine(), cpuModel: "Test", cores: 8, performanceCores: 8, physicalCores: 8 };

let clock: number;
let load: number;
beforeEach(() => {
  clock = 0;
  load = 0;
  vi.spyOn(performance, "now").mockImplementation(() => clock);
});
afterEach(() => void vi.restoreAllMocks());

const open = (directory?: string): HostThreads => new HostThreads(directory, machine, () => load);

/** The threads of the batches of the next second, ten of them. */
const second = (...models: ModelThreads[]): number[][] =>
  Array.from({ length: 10 }, () => {
    clock += 100;
    return models.map((model) => model.now());
  });

describe("the threads of a model", () => {
  test("are one for each core until something else works", () => {
    expect(second(open().forModel("a", undefined)).flat()).toEqual(Array.from({ length: 10 }, () => 8));
  });

  test("are as many as were asked for, whatever else works", () => {
    const threads = open();
    const model = threads.forModel("a", 5);
    load = 6;
    threads.busy({}, 6);
    expect(new Set(second(model).flat())).toEqual(new Set([5]));
  });

  test("yield to the commands of all clients together within a quarter of a second, and come back after they ended", () => {
    const threads = open();
    const model = threads.forModel("a", undefined);
    second(model);
    const [one, two] = [{}, {}];
    threads.busy(one, 2);
    threads.busy(two, 3);
    expect(second(model).flat().slice(3)).toEqual(Array.from({ length: 7 }, () => 3));
    threads.busy(one, 0);
    threads.busy(two, 0);
    second(model);
    expect(second(model).flat().at(-1)).toBe(8);
  });

  test("are never none", () => {
    const threads = open();
    const model = threads.forModel("a", undefined);
    threads.busy({}, 100);
    expect(second(model).flat().at(-1)).toBe(1);
  });

  test("of two models that work at the same time yield alike", () => {
    const threads = open();
    const models = [threads.forModel("a", undefined), threads.forModel("b", undefined)];
    second(...models);
    load = 4;
    const steps = second(...models);
    expect(steps.every(([one, two]) => one === two)).toBe(true);
    expect(steps.at(-1)).toEqual([4, 4]);
  });
});

describe("what was measured", () => {
  test("is used by the next host, which need not measure again", () => {
    const directory = temporaryFolder();
    const first = open(directory);
    expect(first.unmeasured("a")[0]).toBe(8);
    const best = first.record(
      "a",
      [8, 4, 2].map((threads) => ({ threads, tokensPerSecond: threads === 4 ? 50 : 30 })),
    );
    expect(best).toBe(4);
    const next = open(directory);
    expect(next.unmeasured("a")).toEqual([]);
    expect(next.forModel("a", undefined).now()).toBe(4);
    expect(next.forModel("b", undefined).now()).toBe(8);
  });

  test("is for this time only where it cannot be kept", () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    const threads = open(file);
    expect(threads.record("a", [{ threads: 2, tokensPerSecond: 9 }])).toBe(2);
    expect(threads.unmeasured("a")).toHaveLength(6);
  });
});
