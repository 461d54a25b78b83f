import { describe, expect, test } from "vitest";

import type { ModelPort } from "../../src/ports/index.ts";
import { noUsage } from "../../src/protocol/index.ts";
import { callTool, say } from "../../src/testing/index.ts";
import { ends, ofType, results, turnBench, unanswered } from "./turn-bench.ts";

const list = callTool("list_directory", {});
const readLines = (from: number) => callTool("read_file", { path: "a.txt", from_line: from });
const many = { "a.txt": Array.from({ length: 50 }, (_, index) => `line ${index + 1}\n`).join("") };
const severalReads = Array.from({ length: 20 }, (_, index) => readLines(index + 1));

/** Writes a call that cannot be read, each time it is asked. */
function garblingModel(): ModelPort & { asked: number } {
  return {
    asked: 0,
    describe: () => Promise.resolve({ id: "garbling", name: "garbling", contextSize: 8192, local: true }),
    countTokens: () => Promise.resolve(10),
    async *stream() {
      await Promise.resolve();
      const id = `call_${++this.asked}`;
      yield { type: "call-invalid", id, raw: "{", errors: ["not JSON"], truncated: false };
      yield { type: "finish", reason: "stop", usage: noUsage };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

describe("a turn that does not come to an end", () => {
  test("stops at its limit of steps, with every call answered", async () => {
    await using bench = await turnBench(severalReads, { files: many, limits: { steps: 3 } });
    const events = await bench.ask("Go");
    expect(ends(events)).toMatchObject([{ reason: "step-limit" }]);
    expect(ofType(events, "step-start").map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(unanswered(bench.conversation.log)).toEqual([]);
  });

  test("stops when its tokens are spent", async () => {
    await using bench = await turnBench(severalReads, { files: many, limits: { outputTokens: 15 } });
    const events = await bench.ask("Go");
    expect(ends(events)).toMatchObject([{ reason: "token-budget" }]);
    expect(ends(events)[0]?.usage.outputTokens).toBeGreaterThanOrEqual(15);
    expect(bench.model.requests.length).toBeLessThan(4);
  });

  test("stops when its time is over", async () => {
    await using bench = await turnBench(severalReads, { files: many, limits: { minutes: 5 } });
    const events = await bench.ask("Go", (event) => {
      if (event.type === "tool-start") bench.clock.advance(2 * 60_000);
    });
    expect(ends(events)).toMatchObject([{ reason: "time-limit" }]);
    expect(bench.model.requests).toHaveLength(3);
  });

  test("does not run the same call a third time for the same result, and stops when the model insists", async () => {
    await using bench = await turnBench(Array.from({ length: 10 }, () => list));
    const events = await bench.ask("Go");
    expect(ofType(events, "tool-start")).toHaveLength(2);
    expect(results(events).map(({ status }) => status)).toEqual(["ok", "ok", "failed", "failed"]);
    expect(results(events)[2]?.text).toContain("made before and gave the same result");
    expect(ends(events)).toMatchObject([{ reason: "repetition" }]);
  });

  test("counts a call as the same however its arguments are ordered", async () => {
    const one = callTool("search_text", { pattern: "line", path: "a.txt" });
    const other = callTool("search_text", { path: "a.txt", pattern: "line" });
    await using bench = await turnBench([one, other, one, say("Hm.")]);
    expect(results(await bench.ask("Go")).at(-1)?.summary).toBe("not run");
  });

  test("may make a call again after a change, which may have changed its result", async () => {
    const check = callTool("run_command", { command: "echo failing" });
    const edit = (from: string, to: string) => callTool("edit_file", { path: "a.txt", old_text: from, new_text: to });
    const replies = [check, check, readLines(1), edit("alpha", "one"), check, check, say("I give up.")];
    await using bench = await turnBench(replies);
    const events = await bench.ask("Go");
    expect(results(events).map(({ summary }) => summary)).not.toContain("not run");
    expect(ends(events)).toMatchObject([{ reason: "done" }]);
  });

  test("stops after three replies in a row that could not be read, with an error that says so", async () => {
    const model = garblingModel();
    await using bench = await turnBench([], { model });
    const events = await bench.ask("Go");
    expect(model.asked).toBe(3);
    expect(ends(events)).toMatchObject([
      { reason: "error", error: { code: "MODEL_FAILED", message: expect.stringContaining("three times in a row") } },
    ]);
    expect(unanswered(bench.conversation.log)).toEqual([]);
  });
});
