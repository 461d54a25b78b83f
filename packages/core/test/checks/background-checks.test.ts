import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { BackgroundChecks } from "../../src/checks/index.ts";
import { temporaryFolder } from "../workspace/temporary-folder.ts";

const never = new AbortController().signal;

/** A project with a checker of its own: it prints `said.txt`, after it has waited for the file `go` where `slow` is. */
function project({ patienceMilliseconds = 5000, isAllowed = (_command: string): boolean => true } = {}) {
  const root = temporaryFolder({
    "tsconfig.json": "{}",
    "a.ts": "",
    "b.ts": "",
    "said.txt": "",
    "node_modules/.bin/tsc":
      "#!/bin/sh\necho run >> runs.txt\nif [ -e slow ]; then while [ ! -e go ]; do sleep 0.02; done; fi\ncat said.txt\necho end >> ends.txt\n[ ! -s said.txt ]\n",
  });
  chmodSync(join(root, "node_modules/.bin/tsc"), 0o755);
  const checks = new BackgroundChecks({ root, environment: process.env, seconds: 20, patienceMilliseconds, isAllowed });
  const write = (name: string, text: string): void => writeFileSync(join(root, name), text);
  const linesOf = (name: string): number =>
    existsSync(join(root, name)) ? readFileSync(join(root, name), "utf8").trim().split("\n").length : 0;
  return { checks, write, runs: () => linesOf("runs.txt"), ends: () => linesOf("ends.txt") };
}

const error = (path: string, line: number, message: string): string => `${path}(${line},1): error TS1: ${message}\n`;
const told = (path: string, line: number, message: string): string => `${path}:${line}:1: error TS1: ${message} (tsc)`;

describe("after a change", () => {
  test("only what was not there before is told, wherever it is and though lines have moved", async () => {
    const { checks, write } = project();
    write("said.txt", error("a.ts", 1, "old"));
    await checks.before(["a.ts"]);
    write("said.txt", error("a.ts", 7, "old") + error("b.ts", 2, "new"));
    expect(await checks.after(["a.ts"], never)).toEqual([told("b.ts", 2, "new")]);
    expect(await checks.after(["a.ts"], never)).toEqual([]);
  });

  test("what another error hid for a while is no news", async () => {
    const { checks, write } = project();
    write("said.txt", error("b.ts", 1, "old"));
    await checks.before(["a.ts"]);
    write("said.txt", error("a.ts", 1, "broken"));
    expect(await checks.after(["a.ts"], never)).toEqual([told("a.ts", 1, "broken")]);
    write("said.txt", error("b.ts", 1, "old"));
    expect(await checks.after(["a.ts"], never)).toEqual([]);
    expect(await checks.review(never)).toBeUndefined();
    write("said.txt", error("a.ts", 1, "broken"));
    expect(await checks.after(["a.ts"], never)).toEqual([told("a.ts", 1, "broken")]);
  });

  test("a second problem of the same kind is news", async () => {
    const { checks, write } = project();
    write("said.txt", error("a.ts", 1, "old"));
    await checks.before(["a.ts"]);
    write("said.txt", error("a.ts", 1, "old") + error("a.ts", 2, "old"));
    expect(await checks.after(["a.ts"], never)).toEqual([told("a.ts", 2, "old")]);
  });

  test("where nothing is known of before, what is in the changed file is told", async () => {
    const { checks, write } = project();
    write("said.txt", error("a.ts", 1, "mine") + error("b.ts", 1, "other"));
    expect(await checks.after(["a.ts"], never)).toEqual([told("a.ts", 1, "mine")]);
  });

  test("a checker that may not run by itself does not", async () => {
    const asked: string[] = [];
    const { checks, runs } = project({ isAllowed: (command) => asked.push(command) < 0 });
    await checks.before(["a.ts"]);
    expect(await checks.after(["a.ts"], never)).toEqual([]);
    expect([runs(), asked[0]]).toEqual([0, "node_modules/.bin/tsc --noEmit --pretty false"]);
  });

  test("what comes too late is told with the next change", async () => {
    const { checks, write } = project({ patienceMilliseconds: 30 });
    write("slow", "");
    write("said.txt", error("a.ts", 1, "late"));
    expect(await checks.after(["a.ts"], never)).toEqual([]);
    write("go", "");
    await expect.poll(() => checks.latest()).toMatchObject([{ message: "late" }]);
    write("README.md", "");
    expect(await checks.after(["README.md"], never)).toEqual([told("a.ts", 1, "late")]);
  });

  test("the run for an earlier one is given up, and its file is checked along", async () => {
    const { checks, write, runs, ends } = project({ patienceMilliseconds: 30 });
    write("slow", "");
    write("said.txt", error("a.ts", 1, "first"));
    await checks.after(["a.ts"], never);
    await expect.poll(runs).toBe(1);
    const second = checks.after(["b.ts"], never);
    write("go", "");
    await second;
    expect(await checks.review(never)).toBe(told("a.ts", 1, "first"));
    expect([runs(), ends()]).toEqual([2, 1]);
  });

  test("nobody waits any more for a checker that was too slow", async () => {
    const { checks, write, runs } = project({ patienceMilliseconds: 300 });
    write("slow", "");
    await checks.after(["a.ts"], never);
    write("said.txt", error("a.ts", 1, "new"));
    const second = checks.after(["a.ts"], never);
    await expect.poll(runs).toBe(2);
    write("go", "");
    expect(await second).toEqual([]);
    expect(await checks.review(never)).toBe(told("a.ts", 1, "new"));
    write("said.txt", error("a.ts", 1, "new") + error("b.ts", 1, "next"));
    await expect.poll(() => checks.after(["b.ts"], never)).toEqual([told("b.ts", 1, "next")]);
  });

  test("a checker that fails without a word is no news", async () => {
    const { checks, write } = project();
    write("said.txt", "internal error\n");
    expect(await checks.after(["a.ts"], never)).toEqual([]);
  });
});

describe("a review", () => {
  test("tells the new errors that are still there, once", async () => {
    const { checks, write } = project();
    await checks.before(["a.ts"]);
    write("said.txt", error("a.ts", 1, "mended") + error("b.ts", 1, "left"));
    await checks.after(["a.ts"], never);
    write("said.txt", error("b.ts", 1, "left"));
    await checks.after(["a.ts"], never);
    expect(await checks.review(never)).toBe(told("b.ts", 1, "left"));
    expect(await checks.review(never)).toBeUndefined();
  });

  test("waits for what is under way, and not any longer when it is interrupted", async () => {
    const { checks, write } = project({ patienceMilliseconds: 30 });
    write("slow", "");
    write("said.txt", error("a.ts", 1, "late"));
    await checks.after(["a.ts"], never);
    const controller = new AbortController();
    const interrupted = checks.review(controller.signal);
    controller.abort();
    expect(await interrupted).toBeUndefined();
    const review = checks.review(never);
    write("go", "");
    expect(await review).toBe(told("a.ts", 1, "late"));
  });

  test("runs nothing when no file has changed", async () => {
    const { checks, runs } = project();
    expect([await checks.review(never), runs()]).toEqual([undefined, 0]);
  });
});
