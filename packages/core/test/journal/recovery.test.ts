import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { Journal, listTurns } from "../../src/journal/index.ts";
import { JournalStore } from "../../src/journal/journal-store.ts";
import { describeChanges } from "../../src/journal/transaction.ts";
import { changeOf, type JournalBench, journalBench } from "./journal-bench.ts";

/** Writes down what an editor does that dies before it touches a file. */
async function beginOnly(
  { workspace, place, journal }: JournalBench,
  texts: Readonly<Record<string, string | undefined>>,
  marks: Parameters<JournalStore["begin"]>[1]["marks"] = [],
): Promise<void> {
  journal[Symbol.dispose]();
  using store = new JournalStore(place.file, workspace.root);
  const changes = [];
  for (const [path, text] of Object.entries(texts)) changes.push(await changeOf(workspace, path, text));
  const described = await describeChanges(workspace.root, changes);
  if (!described.ok) throw described.error;
  store.begin(undefined, { what: "half", ...described.value, marks });
}

test("a file that somebody deleted stays deleted, though the change that was interrupted would have, too", async () => {
  await using bench = await journalBench({ "a.txt": "a", "b.txt": "b" });
  await beginOnly(bench, { "a.txt": undefined, "b.txt": "B" });
  rmSync(join(bench.files.path, "a.txt"));
  using next = new Journal(bench.place);
  expect(await next.recover()).toEqual({ completed: [], takenBack: [], left: ["a.txt"] });
  await expect(bench.files.read("a.txt")).rejects.toThrow("ENOENT");
  expect(await bench.files.read("b.txt")).toBe("b");
});

test("an undo that only the next process ends is not done again", async () => {
  await using bench = await journalBench({ "a.txt": "1" });
  for (const text of ["2", "3"]) {
    bench.journal.begin({ title: text });
    await bench.change({ "a.txt": text });
  }
  const [turn] = await listTurns(bench.journal, 1);
  await beginOnly(bench, { "a.txt": "2" }, [{ turn: turn?.id ?? 0, path: "a.txt", isUndone: true }]);
  writeFileSync(join(bench.files.path, "a.txt"), "2");
  expect(await bench.undo()).toEqual({ "a.txt": "restored" });
  expect(await bench.files.read("a.txt")).toBe("1");
  expect(await bench.undo()).toBe("USAGE");
});
