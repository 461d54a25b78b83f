import { describe, expect, test } from "vitest";

import { callTool, say, type ScriptReply } from "../../src/testing/index.ts";
import { eventModel, garbled } from "./event-model.ts";
import { ends, ofType, results, turnBench, unanswered } from "./turn-bench.ts";

const list = callTool("list_directory", {});
const readLines = (from: number) => callTool("read_file", { path: "a.txt", from_line: from });
const many = { "a.txt": Array.from({ length: 50 }, (_, index) => `line ${index + 1}\n`).join("") };
const severalReads = Array.from({ length: 20 }, (_, index) => readLines(index + 1));

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
    expect(results(events).map(({ status }) => status)).toEqual(["ok", "ok", "failed", "failed", "failed"]);
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

  test("stops after five replies in a row whose calls could not be run, with an error that says so", async () => {
    const model = eventModel(Array.from({ length: 9 }, (_, index) => garbled("nothing", `call_${index}`)));
    await using bench = await turnBench([], { model });
    const events = await bench.ask("Go");
    expect(model.requests).toHaveLength(5);
    expect(ends(events)).toMatchObject([
      { reason: "error", error: { code: "MODEL_FAILED", message: expect.stringContaining("five times in a row") } },
    ]);
    expect(unanswered(bench.conversation.log)).toEqual([]);
  });

  test.each([2, 3, 4])("stops when %i calls come round for the third time with the same results", async (length) => {
    const round = Array.from({ length }, (_, index) => readLines(index + 1));
    await using bench = await turnBench(Array.from({ length: 5 }, () => round).flat(), { files: many });
    const events = await bench.ask("Go");
    expect(ends(events)).toMatchObject([{ reason: "repetition" }]);
    expect(bench.model.requests).toHaveLength(length * 3);
  });

  test("goes on through a round whose results change", async () => {
    const count = callTool("run_command", { command: "echo x >> n.txt; wc -l n.txt" });
    const round = [count, callTool("run_command", { command: "date +%N" })];
    await using bench = await turnBench([...round, ...round, ...round, ...round, say("Counted.")]);
    expect(ends(await bench.ask("Go"))).toMatchObject([{ reason: "done" }]);
  });

  test("stops when one tool fails eight times, whatever it is given", async () => {
    const reads = Array.from({ length: 10 }, (_, index) => callTool("read_file", { path: `absent-${index}.txt` }));
    await using bench = await turnBench(reads);
    const events = await bench.ask("Go");
    expect(ends(events)).toMatchObject([{ reason: "repetition" }]);
    expect(results(events)).toHaveLength(8);
  });

  test("lets a check fail as often as something is changed before it", async () => {
    const attempts = Array.from({ length: 9 }, (_, index): ScriptReply[] => [
      callTool("write_file", { path: `try-${index}.txt`, content: "x" }),
      callTool("run_command", { command: `echo ${index}; exit 1` }),
    ]);
    await using bench = await turnBench([...attempts.flat(), say("I give up.")]);
    expect(ends(await bench.ask("Go"))).toMatchObject([{ reason: "done" }]);
  });

  test("stops when three replies in a row say the same", async () => {
    const words = "I will now look at the next part of the file to be sure.";
    const replies = Array.from({ length: 5 }, (_, index): ScriptReply => [say(words), readLines(index + 1)]);
    await using bench = await turnBench(replies, { files: many });
    expect(ends(await bench.ask("Go"))).toMatchObject([{ reason: "repetition" }]);
    expect(bench.model.requests).toHaveLength(3);
  });

  test("does not mind a word or two that stand before every call", async () => {
    const replies = Array.from({ length: 5 }, (_, index): ScriptReply => [say("Reading."), readLines(index + 1)]);
    await using bench = await turnBench([...replies, say("Read.")], { files: many });
    expect(ends(await bench.ask("Go"))).toMatchObject([{ reason: "done" }]);
  });
});
