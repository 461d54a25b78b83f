import { describe, expect, test } from "vitest";
import { z } from "zod";

import type { Tool } from "../../src/ports/index.ts";
import { type AgentEvent, ok } from "../../src/protocol/index.ts";
import { callTool, say } from "../../src/testing/index.ts";
import { called, eventModel, text } from "./event-model.ts";
import { ends, messages, ofType, person, results, turnBench, unanswered } from "./turn-bench.ts";

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

  test("of two folders are granted for the session only where the card said so", async () => {
    const { asked, gate } = person({ decision: "yes-session" });
    const move = callTool("move_file", { from: "scratch/a.txt", to: "kept/a.txt" });
    const write = (path: string) => callTool("write_file", { path, content: "x" });
    const files = { "scratch/a.txt": "a", "kept/b.txt": "b" };
    const script = [[move], [write("kept/c.txt")], [write("scratch/d.txt")], say("Done.")];
    await using bench = await turnBench(script, { gate: { ...gate, allow: [] }, files });
    const events = await bench.ask("Go");
    const cards = ofType(events, "approval-start").map(({ request }) => `${request.subject}: ${request.grant}`);
    expect(cards).toEqual(["scratch/a.txt: changes in scratch", "kept/c.txt: changes in kept"]);
    expect(asked).toHaveLength(2);
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

  test("has bad arguments: the model is told what is wrong with which, and what is right", async () => {
    await using bench = await turnBench([callTool("read_file", { path: true, colour: "red" }), say("Hm.")]);
    const [result] = results(await bench.ask("Go"));
    expect(result?.status).toBe("failed");
    expect(result?.text).toMatch(
      /^error: this call is not valid: unknown key `colour`; .*path: must be string; got true\./,
    );
    expect(result?.text).toContain('follow this schema: {"type":"object","properties":{"path":{"type":"string"}');
  });

  test("has arguments that its tool alone can judge: the tool says what is wrong", async () => {
    await using bench = await turnBench([callTool("read_file", { path: "a.txt", from_line: 0 }), say("Hm.")]);
    const [result] = results(await bench.ask("Go"));
    expect(result?.text).toMatch(/^error: this call is not valid: from_line: .*schema/);
  });

  test("is repaired where that changes nothing of what it says, and is kept in that form", async () => {
    const replies = [
      callTool("functions.Read-File", { arguments: { path: "a.txt", from_line: "1", to_line: null } }),
      say("Yes."),
    ];
    await using bench = await turnBench(replies);
    const events = await bench.ask("Go");
    const repaired = { name: "read_file", args: { path: "a.txt", from_line: 1 } };
    expect(results(events)).toMatchObject([{ status: "ok" }]);
    expect(ofType(events, "call-end")).toMatchObject([{ call: repaired }]);
    expect(messages(events)[1]).toMatchObject({ calls: [repaired] });
    const kinds = ofType(events, "call-end")[0]?.call.repairs.map(({ kind }) => kind);
    expect(kinds).toEqual(["resolve-name", "unwrap-arguments", "coerce", "drop-null"]);
  });

  test("cannot be read: it gets a result and is never run", async () => {
    const raw = '{"name": "write_file", "arguments": {"path": "new.txt", "content": "x"}}';
    const model = eventModel([
      [
        { type: "call-start", id: "call_1", name: "write_file" },
        { type: "call-invalid", id: "call_1", raw, errors: ["no name"], truncated: false },
      ],
      [text("Done.")],
    ]);
    await using bench = await turnBench([], { model });
    const events = await bench.ask("Go");
    expect(results(events)).toMatchObject([{ callId: "call_1", name: "write_file", status: "failed" }]);
    expect(results(events)[0]?.text).toMatch(/^error: this call is not valid: no name/);
    expect(ofType(events, "tool-start")).toEqual([]);
    await expect(bench.workspace.read("new.txt")).rejects.toThrow("ENOENT");
    expect(unanswered(bench.conversation.log)).toEqual([]);
    expect(ends(events)).toMatchObject([{ reason: "done" }]);
  });
});

describe("a reply that a backend took up again after it had died", () => {
  test("runs each call once, though its events come twice", async () => {
    const command = called("run_command", { command: "echo x >> count.txt" });
    const start = { type: "call-start", id: "call_1", name: "run_command" } as const;
    const model = eventModel([
      [start, command, { type: "model-restart", reason: "it crashed" }, start, command, command],
      [text("Done.")],
    ]);
    await using bench = await turnBench([], { model });
    const events = await bench.ask("Go");
    expect(await bench.workspace.read("count.txt")).toBe("x\n");
    expect(messages(events)[1]).toMatchObject({ calls: [{ id: "call_1" }] });
    expect(ofType(events, "call-end")).toHaveLength(1);
    expect(ofType(events, "call-start")).toHaveLength(1);
  });
});
