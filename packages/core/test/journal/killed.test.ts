import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

import { Journal } from "../../src/journal/index.ts";
import { journalBench } from "./journal-bench.ts";
import { after, randomEdits, type State } from "./random-edits.ts";
import { stateOf } from "./workspace-state.ts";

const editor = fileURLToPath(new URL("./fixtures/killed-editor.ts", import.meta.url));
const edits = 2;
/** TRUST_KILLS=all kills at every operation of each seed. */
const [seeds, killsPerSeed] = process.env["TRUST_KILLS"] === "all" ? [12, Number.POSITIVE_INFINITY] : [4, 6];

/** Runs the editor on the start of a seed and gives what the next process finds, and how many operations there were. */
async function edited(seed: number, killAt: number): Promise<{ operations: number; found: State }> {
  const { start } = randomEdits(seed, edits);
  await using bench = await journalBench(start);
  const { workspace, file, locks } = bench.place;
  const args = [workspace.root, file, locks, seed, edits, killAt].map(String);
  const command = ["--conditions=@trust-cli/source", editor, ...args];
  const ended = await promisify(execFile)(process.execPath, command).catch((error: { signal?: string }) => error);
  if (!("stdout" in ended) || ("signal" in ended && ended.signal !== "SIGKILL")) throw ended as unknown as Error;
  using next = new Journal(bench.place);
  await next.recover();
  return { operations: Number(ended.stdout), found: stateOf(workspace.root) };
}

test.each(Array.from({ length: seeds }, (_, index) => index + 1))(
  "a process that is killed at any operation leaves every change done or not done (seed %i)",
  async (seed) => {
    const { start, edits: all } = randomEdits(seed, edits);
    const states = all.reduce<State[]>((done, edit) => [...done, after(done.at(-1) ?? {}, edit)], [after(start, {})]);
    const { operations, found } = await edited(seed, 0);
    expect(found).toEqual(states.at(-2));
    const stride = Math.max(1, operations / killsPerSeed);
    for (let at = 1 + (seed % stride); at <= operations; at += stride) {
      const { found: after_ } = await edited(seed, Math.floor(at));
      expect(states, `killed at ${Math.floor(at)} of ${operations}`).toContainEqual(after_);
    }
  },
  600_000,
);
