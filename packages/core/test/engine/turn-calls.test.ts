import { describe, expect, test } from "vitest";
import { z } from "zod";

import type { ModelPort, Tool } from "../../src/ports/index.ts";
import { type AgentEvent, type ModelEvent, noUsage, ok } from "../../src/protocol/index.ts";
import { callTool, say } from "../../src/testing/index.ts";
import { ends, ofType, person, results, turnBench, unanswered } from "./turn-bench.ts";

const readA = callTool("read_file", { path: "a.txt" });
const readB = callTool("read_file", { path: "b.txt" });
const edit = (oldText: string, newText: string) =>
  callTool("edit_file", { path: "a.txt", old_text: oldText, new_text: newText });

const toolOrder = (events: readonly AgentEvent[]): string[] =>
  events.flatMap((event) => {
    if (event.type === "tool-start") return [`start ${event.call.name}`];
    return event.type === "tool-end" ? ["end"] : [];
  });

/** A read that ends only when `partners` of its kind run at the same time. */
function meetingTool(partners: number): Tool {
  const together = Promise.withResolvers<void>();
  let present = 0;
  return {
    name: "meet",
    description: "Meet",
    risk: "read",
    input: z.strictObject({ who: z.string() }),
    subject: () => "",
    prepare: () =>
      Promise.resolve(
        ok({
          run: async () => {
            if (++present === partners) together.resolve();
            await together.promise;
            return { status: "ok" as const, text: "met", summary: "met" };
          },
        }),
      ),
  };
}

/** A model that first yields these events, and later only says that it is done. */
function modelYielding(first: readonly ModelEvent[]): ModelPort {
  let asked = 0;
  return {
    describe: () => Promise.resolve({ id: "fixed", name: "fixed", contextSize: 8192, local: true }),
    countTokens: () => Promise.resolve(10),
    async *stream() {
      await Promise.resolve();
      if (asked++ === 0) yield* first;
      else yield { type: "text-delta", delta: "Done." };
      yield { type: "finish", reason: "stop", usage: noUsage };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

describe("the calls of a reply", () => {
  test("run side by side when they only read, and their results keep the model's order", async () => {
    const meet = (who: string) => callTool("meet", { who });
    await using bench = await turnBench([[meet("x"), meet("y"), meet("z")], say("Done.")], { tools: [meetingTool(3)] });
    const events = await bench.ask("Go");
    expect(results(events).map(({ callId, text }) => `${callId} ${text}`)).toEqual([
      "call_1 met",
      "call_2 met",
      "call_3 met",
    ]);
  });

  test("run one after the other, in order, when they change something", async () => {
    await using bench = await turnBench([[readA, edit("alpha", "one"), edit("one", "two"), readA], say("Done.")]);
    const events = await bench.ask("Go");
    expect(toolOrder(events)).toEqual([
      "start read_file",
      "end",
      "start edit_file",
      "end",
      "start edit_file",
      "end",
      "start read_file",
      "end",
    ]);
    expect(results(events).at(-1)?.text).toBe("two");
    expect(await bench.workspace.read("a.txt")).toBe("two\n");
  });

  test("are refused by a rule, and the file stays byte for byte", async () => {
    await using bench = await turnBench([edit("alpha", "x"), say("I may not.")], { gate: { deny: ["edit_file"] } });
    const events = await bench.ask("Go");
    expect(await bench.workspace.read("a.txt")).toBe("alpha\n");
    expect(results(events)).toMatchObject([{ status: "refused", text: expect.stringContaining("deny edit_file") }]);
    expect(ofType(events, "tool-start")).toEqual([]);
    expect(ends(events)).toMatchObject([{ reason: "done", refused: 1 }]);
  });

  test("are refused by the person, whose reason the model reads", async () => {
    const { asked, gate } = person({ decision: "no", reason: "not now" });
    await using bench = await turnBench([[readA, edit("alpha", "x")], say("All right.")], { gate });
    const events = await bench.ask("Go");
    expect(await bench.workspace.read("a.txt")).toBe("alpha\n");
    expect(asked).toMatchObject([{ subject: "a.txt", preview: { kind: "diff", before: "alpha\n", after: "x\n" } }]);
    expect(results(events)[1]).toMatchObject({ status: "refused", text: "The person refused edit_file: not now" });
  });

  test("run after the person said yes to exactly what was shown", async () => {
    const { gate } = person({ decision: "yes" });
    await using bench = await turnBench([[readA, edit("alpha", "x")], say("Done.")], { gate });
    const types = (await bench.ask("Go")).map(({ type }) => type);
    expect(types.indexOf("approval-start")).toBeLessThan(types.indexOf("approval-end"));
    expect(types.indexOf("approval-end")).toBeLessThan(types.lastIndexOf("tool-start"));
    expect(await bench.workspace.read("a.txt")).toBe("x\n");
  });

  test("are not asked about again once they were allowed for the session", async () => {
    const { asked, gate } = person({ decision: "yes-session" });
    await using bench = await turnBench([readA, edit("alpha", "x"), edit("x", "y"), say("Done.")], { gate });
    await bench.ask("Go");
    expect(asked).toHaveLength(1);
    expect(await bench.workspace.read("a.txt")).toBe("y\n");
  });

  test.each([
    ["failed", {}, "failed"],
    ["was refused", { deny: ["edit_file"] }, "refused"],
  ])("are not run after a change before them %s", async (_, gate, status) => {
    const write = callTool("write_file", { path: "new.txt", content: "x" });
    await using bench = await turnBench([[edit("absent", "x"), readB, write], say("Hm.")], { gate });
    const events = await bench.ask("Go");
    expect(results(events).map((result) => result.status)).toEqual([status, "failed", "failed"]);
    expect(results(events)[2]?.text).toContain("because edit_file before it did not succeed");
    await expect(bench.workspace.read("new.txt")).rejects.toThrow("ENOENT");
  });

  test("go on after a read that failed", async () => {
    await using bench = await turnBench([[callTool("read_file", { path: "absent.txt" }), readB], say("Hm.")]);
    expect(results(await bench.ask("Go")).map(({ status }) => status)).toEqual(["failed", "ok"]);
  });

  test("beyond those that the profile allows are not run, and the model is told", async () => {
    await using bench = await turnBench([[readA, readB], say("Done.")], { profile: { callsPerStep: 1 } });
    expect(results(await bench.ask("Go"))).toMatchObject([
      { status: "ok" },
      { status: "failed", text: "error: only 1 call at a time; write it again if it is still needed" },
    ]);
  });
});

describe("a call that is wrong", () => {
  test("names no tool: the model is told which there are", async () => {
    await using bench = await turnBench([callTool("open_file", { path: "a.txt" }), say("Hm.")]);
    const [result] = results(await bench.ask("Go"));
    expect(result).toMatchObject({ status: "failed", name: "open_file" });
    expect(result?.text).toContain("the tools are list_directory, find_files");
  });

  test("has bad arguments: the model is told what is wrong with which", async () => {
    await using bench = await turnBench([callTool("read_file", { path: 7, colour: "red" }), say("Hm.")]);
    const [result] = results(await bench.ask("Go"));
    expect(result?.status).toBe("failed");
    expect(result?.text).toMatch(/path: .*string.*colour/s);
  });

  test.each([
    [false, "error: the call could not be read: no name"],
    [true, "error: the call was cut off before its end; write it again, shorter"],
  ])("cannot be read (truncated: %s): it gets a result and is never run", async (truncated, text) => {
    const raw = '{"name": "write_file", "arguments": {"path": "new.txt", "content": "x"}}';
    const model = modelYielding([
      { type: "call-start", id: "call_1", name: "write_file" },
      { type: "call-invalid", id: "call_1", raw, errors: ["no name"], truncated },
    ]);
    await using bench = await turnBench([], { model });
    const events = await bench.ask("Go");
    expect(results(events)).toMatchObject([{ callId: "call_1", name: "write_file", status: "failed", text }]);
    expect(ofType(events, "tool-start")).toEqual([]);
    await expect(bench.workspace.read("new.txt")).rejects.toThrow("ENOENT");
    expect(unanswered(bench.conversation.log)).toEqual([]);
    expect(ends(events)).toMatchObject([{ reason: "done" }]);
  });
});
