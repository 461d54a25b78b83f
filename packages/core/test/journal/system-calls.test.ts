import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, test } from "vitest";

import { Journal, listTurns, undoTurns } from "../../src/journal/index.ts";
import { changeMarkers } from "../../src/workspace/index.ts";
import { changeOf, type JournalBench, journalBench } from "./journal-bench.ts";
import { after, randomEdits, type State } from "./random-edits.ts";
import { runTraced, type SystemCall, type Thread, whyNotTraced } from "./traced.ts";
import { stateOf } from "./workspace-state.ts";

const edits = 2;
/** TRUST_KILLS=all takes every system call that changes something, of each seed; TRUST_SEEDS names them, such as 1,2. */
const isAll = process.env["TRUST_KILLS"] === "all";
const seeds = (process.env["TRUST_SEEDS"] ?? (isAll ? "1,2,3,4,5,6" : "3")).split(",").map(Number);
const sampled = 5;
const atOnce = 2;
const notHere = whyNotTraced();

/** What the workspace holds when none, one, ... of the edits are in force. */
function statesOf(seed: number): State[] {
  const { start, edits: all } = randomEdits(seed, edits);
  return all.reduce<State[]>((done, edit) => [...done, after(done.at(-1) ?? {}, edit)], [after(start, {})]);
}

/** Runs an undisturbed edit, then `work` on each of its system calls, or on a sample of them. */
async function atEveryCall(
  seed: number,
  choose: (call: SystemCall) => boolean,
  work: (bench: JournalBench, call: SystemCall) => Promise<void>,
): Promise<number> {
  const all: SystemCall[] = [];
  for (const thread of ["main", "worker"] as const satisfies Thread[]) {
    await using bench = await journalBench(randomEdits(seed, edits).start);
    const { failed, calls } = await runTraced(bench, { seed, edits, thread });
    expect(failed).toEqual({});
    expect(stateOf(bench.workspace.root)).toEqual(statesOf(seed).at(-1));
    all.push(...calls.filter(choose));
  }
  const stride = isAll ? 1 : Math.ceil(all.length / sampled);
  const chosen = all.filter((_, index) => index % stride === stride >> 1 || stride === 1).values();
  let count = 0;
  const wrong: string[] = [];
  const run = async (): Promise<void> => {
    for (const call of chosen) {
      await using bench = await journalBench(randomEdits(seed, edits).start);
      await work(bench, call).catch((error: unknown) => void wrong.push(String(error)));
      count++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  expect(wrong).toEqual([]);
  return count;
}

/** The workspace is what the journal says of it, without anything else, and undo goes back step by step. */
async function expectWhole({ place }: JournalBench, states: readonly State[], where: string): Promise<void> {
  const { root } = place.workspace;
  using journal = new Journal(place);
  await journal.recover();
  const inForce = async (): Promise<number> =>
    (await listTurns(journal, 9)).filter(({ undone, files }) => files.length > 0 && undone.length === 0).length;
  let count = await inForce();
  for (;;) {
    expect(stateOf(root), `${where}, ${count} in force`).toEqual(states[count]);
    expect(foldersIn(root), where).toEqual(foldersOf(states.slice(0, count + 1)));
    if (count === 0) break;
    const undone = await undoTurns(journal, { direction: "undo", selection: { kind: "last", count: 1 }, merge: false });
    expect(undone, where).toMatchObject({ ok: true });
    expect(await inForce(), where).toBe(--count);
  }
  expect(existsSync(changeMarkers(place.locks, root).pending), where).toBe(false);
}

const foldersIn = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
    .toSorted();

/** A folder stays when the last file in it is removed, as long as the edit that made it is in force. */
function foldersOf(states: readonly State[]): string[] {
  const all = new Set<string>();
  for (const path of states.flatMap((state) => Object.keys(state)))
    for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) all.add(folder);
  return [...all].toSorted();
}

const nameOf = ({ thread, name, number }: SystemCall): string => `${name} ${number} of the ${thread} thread`;

describe.skipIf(notHere !== undefined)(
  `at every system call${notHere === undefined ? "" : ` (SKIPPED: ${notHere})`}`,
  () => {
    test.each(seeds)(
      "a process that is killed leaves every change done or not done (seed %i)",
      async (seed) => {
        const states = statesOf(seed);
        const kills = await atEveryCall(
          seed,
          () => true,
          async (bench, call) => {
            const { thread } = call;
            const { wasKilled } = await runTraced(bench, { seed, edits, thread, inject: [call, "signal=KILL"] });
            // Threads wake each other by writes, sometimes fewer than before.
            expect(wasKilled || call.name === "write", nameOf(call)).toBe(true);
            await expectWhole(bench, states, `killed at ${nameOf(call)}`);
          },
        );
        if (isAll) process.stdout.write(`seed ${seed}: ${kills} kills\n`);
      },
      3_600_000,
    );

    const errors: Readonly<Record<string, string>> = {
      openat: "EACCES",
      write: "ENOSPC",
      pwrite64: "ENOSPC",
      fsync: "EIO",
      fdatasync: "EIO",
      rename: "EXDEV",
      renameat2: "EXDEV",
      unlink: "EACCES",
      rmdir: "EBUSY",
      mkdir: "ENOSPC",
      ftruncate: "EIO",
      fchmod: "EPERM",
    };

    test.each(seeds)(
      "a call that fails leaves the files as they were, and says what, why and what next (seed %i)",
      async (seed) => {
        const states = statesOf(seed);
        const inOrder = [...states, states.at(-2), states.at(-1)];
        const faults = await atEveryCall(
          seed,
          ({ name }) => name in errors,
          async (bench, call) => {
            const { thread, name } = call;
            const rule = `error=${errors[name]}`;
            const { failed, hasMissed } = await runTraced(bench, { seed, edits, thread, inject: [call, rule] });
            if (hasMissed) return;
            const where = `${errors[name]} at ${nameOf(call)}: ${JSON.stringify(failed)}`;
            expect(failed, where).toBeDefined();
            if (failed?.step !== undefined) {
              expect(failed, where).toMatchObject({
                name: "TrustError",
                code: expect.stringMatching(/^(FILE|STORAGE)_FAILED$/),
              });
              expect(failed.hint, `no hint: ${where}`).not.toBe("");
            }
            expect(stateOf(bench.workspace.root), where).toEqual(inOrder[failed?.step ?? inOrder.length - 1]);
            await expectWhole(bench, states, where);
            using journal = new Journal(bench.place);
            const next = await changeOf(bench.workspace, "next.txt", "next");
            expect(await journal.apply([next], "next"), where).toMatchObject({ ok: true });
          },
        );
        if (isAll) process.stdout.write(`seed ${seed}: ${faults} faults\n`);
      },
      3_600_000,
    );
  },
);
