import { parseUnknownJson } from "@trust-cli/core/protocol";
import { childProcesses, type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { figuresOf, median } from "../../src/commands/bench/figures.ts";
import type { Round } from "../../src/commands/bench/rounds.ts";
import { buildProgram, type Finished, type Home, scratchHome, startTrust, trust } from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(async () => {
  buildProgram();
  home = await scratchHome();
  workspace = await temporaryWorkspace();
});
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const bench = (...args: string[]): Promise<Finished> => trust(["bench", ...args], { home, cwd: workspace.path });
const positive = expect.toSatisfy((value) => typeof value === "number" && value > 0, "a number above 0") as number;

describe("trust bench", () => {
  test("measures loading, reading, writing and the first text, and says how to compare", async () => {
    const { status, stdout, stderr } = await bench(
      "nano",
      "--rounds",
      "1",
      "--prompt",
      "200",
      "--tokens",
      "24",
      "--json",
    );
    expect([status, stderr]).toEqual([0, ""]);
    const value = parseUnknownJson(stdout, "stdout") as {
      reading: { tokens: number };
      raw: unknown[];
      notes: string[];
    };
    expect(value).toMatchObject({
      model: "trust-nano",
      sizeBytes: positive,
      backend: "cpu",
      threads: positive,
      rounds: 1,
      load: { milliseconds: positive },
      reading: { tokens: positive, tokensPerSecond: positive },
      writing: { plain: positive, guessed: positive, guessedRatio: positive },
      firstText: { cold: positive, known: positive },
      llamaBench: null,
      raw: [{ plain: { written: 24, drafted: 0 }, guessed: { written: 24 } }],
    });
    expect(value.reading.tokens).toBeGreaterThan(150);
    expect(value.reading.tokens).toBeLessThan(300);
    expect(value.notes.at(-1)).toContain("trust host tools build");
  });

  test("prints a line for each, and asks for nothing with --no-compare", async () => {
    const { status, stdout } = await bench("--rounds", "1", "--prompt", "999999", "--tokens", "8", "--no-compare");
    expect(status).toBe(0);
    for (const row of ["load", "reading", "writing", "with guesses", "first text"]) {
      expect(stdout).toMatch(new RegExp(`^${row} +[\\d.]+ `, "m"));
    }
    expect(stdout).not.toContain("tools build");
  });

  test("stops at once on Ctrl-C, with status 130", async () => {
    const program = startTrust(["bench", "nano", "--rounds", "100000"], { home, cwd: workspace.path });
    await waitUntil("a model host", () => childProcesses(program.child.pid ?? 0).length > 0);
    program.child.kill("SIGINT");
    expect(await program.finished).toMatchObject({ status: 130, stdout: "" });
  });

  test.each([
    [["http://127.0.0.1:1/v1"], 2, "with its server"],
    [["nothing.gguf"], 3, "nothing.gguf"],
    [["--rounds", "0"], 2, "whole number above 0"],
  ])("refuses %j", async (args, wanted, said) => {
    const { status, stderr } = await bench(...args);
    expect([status, stderr]).toEqual([wanted, expect.stringContaining(said)]);
  });
});

const reply = (tokensPerSecond: number, accepted = 0): Round["plain"] => ({
  firstMilliseconds: 5,
  read: 1,
  reused: 99,
  written: 10,
  tokensPerSecond,
  drafted: accepted * 2,
  accepted,
});
const round = (reading: number, llamaBench?: Round["llamaBench"]): Round => ({
  readTokens: 100,
  reading,
  coldMilliseconds: 1000 / reading,
  knownMilliseconds: 1,
  plain: reply(20),
  guessed: reply(50, 4),
  llamaBench,
});

describe("the figures of several rounds", () => {
  test("are medians, with ratios of what was measured together", () => {
    const speed = { reading: 200, writing: 25 };
    const figures = figuresOf([round(100, speed), round(400, { reading: 400, writing: 20 }), round(150, speed)], 7);
    expect(figures).toMatchObject({
      load: { milliseconds: 7 },
      reading: { tokens: 100, tokensPerSecond: 150 },
      writing: { plain: 20, guessed: 50, guessedRatio: 2.5, accepted: 0.5 },
      llamaBench: { reading: 200, writing: 25, readingRatio: 0.75, writingRatio: 0.8 },
    });
    expect(figuresOf([round(100)], 7).llamaBench).toBeNull();
  });

  test("leave out what was not measured, and keep guesses that were all wrong", () => {
    expect(median([3, undefined, 1])).toBe(2);
    expect(median([undefined])).toBeNull();
    const short = { ...round(100), plain: reply(0), guessed: { ...reply(50), drafted: 8 } };
    expect(figuresOf([short], 7).writing).toEqual({ plain: null, guessed: 50, guessedRatio: null, accepted: 0 });
  });
});
