import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { CrashJournal } from "../../../src/models/llama/host/crash-journal.ts";
import { temporaryFolder } from "../../workspace/temporary-folder.ts";

const hour = 3600 * 1000;

function journalIn(folder: string, { alive = true, now = 100 * hour, since = 0 } = {}): CrashJournal {
  return new CrashJournal(folder, { now: () => now, isAlive: () => alive, since });
}

test("a load whose process is gone without a word is a crash, each with its layers", () => {
  const folder = temporaryFolder();
  journalIn(folder).begin("model.gguf", 33);
  journalIn(folder).begin("model.gguf", 16);
  expect(journalIn(folder).failures("model.gguf")).toEqual([]);
  expect(journalIn(folder, { alive: false }).failures("model.gguf")).toEqual([33, 16]);
  expect(journalIn(folder, { alive: false }).failures("another.gguf")).toEqual([]);
});

test("a model that left in good order is no crash", () => {
  const folder = temporaryFolder();
  journalIn(folder).begin("model.gguf", 33)[Symbol.dispose]();
  expect(journalIn(folder, { alive: false }).failures("model.gguf")).toEqual([]);
});

test.each([
  ["a day later", { now: 125 * hour }],
  ["after the machine was started anew", { since: 101 * hour }],
])("a crash is forgotten %s", (_, later) => {
  const folder = temporaryFolder();
  journalIn(folder).begin("model.gguf", 33);
  expect(journalIn(folder, { alive: false, ...later }).failures("model.gguf")).toEqual([]);
});

test("a journal that is broken, or cannot be written, stops no load", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "gpu-loads.json"), "[{");
  expect(journalIn(folder, { alive: false }).failures("model.gguf")).toEqual([]);
  const file = join(folder, "no-folder");
  writeFileSync(file, "");
  expect(() => journalIn(file).begin("model.gguf", 33)[Symbol.dispose]()).not.toThrow();
});
