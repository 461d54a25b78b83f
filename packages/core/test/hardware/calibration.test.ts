import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { bestThreads, openCalibration } from "../../src/hardware/index.ts";
import { temporaryWorkspace, type TemporaryWorkspace } from "../../src/testing/index.ts";

let folder: TemporaryWorkspace;
let path: string;
beforeEach(async () => {
  folder = await temporaryWorkspace();
  path = join(folder.path, "state", "threads.json");
});
afterEach(() => folder[Symbol.asyncDispose]());

const measured = [
  { threads: 2, tokensPerSecond: 20 },
  { threads: 4, tokensPerSecond: 38 },
];

describe("the best number of threads", () => {
  test("is the fastest, unless fewer are practically as fast", () => {
    expect(bestThreads(measured)).toBe(4);
    expect(bestThreads([...measured, { threads: 8, tokensPerSecond: 38.5 }])).toBe(4);
    expect(bestThreads([...measured, { threads: 8, tokensPerSecond: 50 }])).toBe(8);
  });

  test("is not known when nothing was measured", () => {
    expect(bestThreads([])).toBeUndefined();
  });
});

describe("the store", () => {
  test("remembers for each machine and model, over restarts, for the person alone", () => {
    openCalibration(path).record("epyc", "model a", measured);
    const store = openCalibration(path);
    expect(store.find("epyc", "model a")).toEqual(measured);
    expect(store.find("epyc", "model b")).toBeUndefined();
    expect(store.find("other", "model a")).toBeUndefined();
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("replaces what was measured before", () => {
    const store = openCalibration(path);
    store.record("epyc", "model a", measured);
    store.record("epyc", "model a", [{ threads: 1, tokensPerSecond: 9 }]);
    expect(store.find("epyc", "model a")).toEqual([{ threads: 1, tokensPerSecond: 9 }]);
  });

  test("forgets the oldest when there are too many", () => {
    const store = openCalibration(path);
    for (let model = 0; model < 70; model++) store.record("epyc", `model ${model}`, measured);
    expect(store.find("epyc", "model 5")).toBeUndefined();
    expect(store.find("epyc", "model 69")).toEqual(measured);
    expect(readFileSync(path, "utf8").length).toBeLessThan(20_000);
  });

  test.each([
    "",
    "{",
    '{"version":2,"entries":[]}',
    '{"version":1,"entries":[{"machine":"epyc"}]}',
    "x".repeat(2 ** 21),
  ])("counts a broken file as empty and replaces it (%#)", (text) => {
    mkdirSync(join(folder.path, "state"));
    writeFileSync(path, text);
    const store = openCalibration(path);
    expect(store.find("epyc", "model a")).toBeUndefined();
    store.record("epyc", "model a", measured);
    expect(store.find("epyc", "model a")).toEqual(measured);
  });

  test("does without a place that it cannot write", () => {
    mkdirSync(path, { recursive: true });
    openCalibration(path).record("epyc", "model a", measured);
    expect(openCalibration(path).find("epyc", "model a")).toBeUndefined();
    expect(existsSync(`${path}.new-${process.pid}`)).toBe(false);
  });
});
