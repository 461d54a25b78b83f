import { describe, expect, test } from "vitest";

import type { ModelPort } from "../../src/ports/index.ts";
import { callTool, say, saySlowly, wait } from "../../src/testing/index.ts";
import { ends, ofType, results, turnBench, unanswered } from "./turn-bench.ts";

const write = callTool("write_file", { path: "new.txt", content: "x" });
const readA = callTool("read_file", { path: "a.txt" });

describe("a turn that the person interrupts", () => {
  test("ends while the model writes, and keeps what it had written", async () => {
    await using bench = await turnBench([saySlowly("one two three four five six seven".repeat(100))]);
    const events = await bench.ask("Go", (event) => {
      if (event.type === "text-delta") bench.controller.abort();
    });
    expect(ends(events)).toMatchObject([{ reason: "abort" }]);
    expect(events.at(-1)?.type).toBe("turn-end");
    expect(bench.conversation.log.at(-1)).toMatchObject({ role: "assistant", text: "one " });
  });

  test("runs no call that was complete before the interruption, and answers it", async () => {
    await using bench = await turnBench([[write, wait()]]);
    const events = await bench.ask("Go", (event) => {
      if (event.type === "call-end") bench.controller.abort();
    });
    expect(results(events)).toMatchObject([{ status: "failed", text: "error: interrupted by the person" }]);
    await expect(bench.workspace.read("new.txt")).rejects.toThrow("ENOENT");
    expect(ends(events)).toMatchObject([{ reason: "abort" }]);
  });

  test("ends while a command runs, and answers the calls behind it too", async () => {
    const sleep = callTool("run_command", { command: "echo begun; sleep 600" });
    await using bench = await turnBench([[sleep, readA, write]]);
    const events = await bench.ask("Go", (event) => {
      if (event.type === "tool-delta") bench.controller.abort();
    });
    expect(unanswered(bench.conversation.log)).toEqual([]);
    expect(results(events).map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
    expect(ofType(events, "tool-start")).toHaveLength(1);
    expect(ends(events)).toMatchObject([{ reason: "abort" }]);
  });

  test.each([
    ["never answers", () => new Promise<never>(() => undefined)],
    [
      "throws on an abort",
      (_: unknown, signal: AbortSignal) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        }),
    ],
  ])("ends while an approval waits for someone who %s", async (_, ask) => {
    await using bench = await turnBench([[write, readA]], { gate: { mode: "ask", ask } });
    const events = await bench.ask("Go", (event) => {
      if (event.type === "approval-start") setImmediate(() => bench.controller.abort());
    });
    expect(results(events)).toMatchObject([
      { status: "failed", text: "error: interrupted by the person" },
      { status: "failed" },
    ]);
    expect(ofType(events, "approval-end")).toHaveLength(1);
    expect(ends(events)).toMatchObject([{ reason: "abort", refused: 0 }]);
    await expect(bench.workspace.read("new.txt")).rejects.toThrow("ENOENT");
  });

  test("does nothing when it was interrupted before it began", async () => {
    await using bench = await turnBench([say("never said")]);
    bench.controller.abort();
    const events = await bench.ask("Go");
    expect(events.map(({ type }) => type)).toEqual(["turn-start", "message", "turn-end"]);
    expect(ends(events)).toMatchObject([{ reason: "abort" }]);
  });

  test("ends while the model is still being loaded", async () => {
    const model: ModelPort = {
      describe: (signal, onLoad) => {
        onLoad?.(0.5);
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        });
      },
      countTokens: () => Promise.resolve(1),
      stream: () => {
        throw new Error("must not be asked");
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    await using bench = await turnBench([], { model });
    const events = await bench.ask("Go", (event) => {
      if (event.type === "model-load") bench.controller.abort();
    });
    expect(ofType(events, "model-load")).toEqual([{ type: "model-load", fraction: 0.5 }]);
    expect(ends(events)).toMatchObject([{ reason: "abort" }]);
  });
});
