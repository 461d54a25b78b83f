import { describe, expect, test } from "vitest";

import { callTool, fail, say, think } from "../../src/testing/index.ts";
import { ends, messages, ofType, results, turnBench } from "./turn-bench.ts";

const readA = callTool("read_file", { path: "a.txt" });

describe("a turn", () => {
  test("goes from a question over a read to the answer", async () => {
    await using bench = await turnBench([readA, say("It says alpha.")]);
    const events = await bench.ask("What does a.txt say?");
    expect(messages(events)).toMatchObject([
      { role: "user", text: "What does a.txt say?" },
      { role: "assistant", calls: [{ name: "read_file" }] },
      { role: "tool", status: "ok", text: "alpha" },
      { role: "assistant", text: "It says alpha.", calls: [] },
    ]);
    expect(ends(events)).toMatchObject([{ reason: "done", refused: 0 }]);
  });

  test("tells everything in order", async () => {
    await using bench = await turnBench([[say("Hm."), readA], say("Yes.")]);
    const types = (await bench.ask("Go")).map((event) =>
      event.type === "message" ? `message ${event.message.role}` : event.type,
    );
    expect(types.filter((type) => !type.endsWith("-delta"))).toEqual([
      "turn-start",
      "message user",
      "step-start",
      "call-start",
      "call-end",
      "step-end",
      "message assistant",
      "tool-start",
      "tool-end",
      "message tool",
      "step-start",
      "step-end",
      "message assistant",
      "turn-end",
    ]);
  });

  test("writes the calls into the conversation before anything is run", async () => {
    await using bench = await turnBench([callTool("write_file", { path: "new.txt", content: "x" }), say("Done.")]);
    await bench.ask("Write", async (event) => {
      if (event.type !== "message" || event.message.role !== "assistant") return;
      if (event.message.calls.length === 0) return;
      await expect(bench.workspace.read("new.txt")).rejects.toThrow("ENOENT");
    });
    expect(await bench.workspace.read("new.txt")).toBe("x");
  });

  test("keeps thoughts apart from the text", async () => {
    await using bench = await turnBench([[think("let me see"), say("Fine.")]]);
    expect(messages(await bench.ask("Go")).at(-1)).toEqual({
      role: "assistant",
      text: "Fine.",
      thought: "let me see",
      calls: [],
    });
  });

  test("adds up the usage of its steps and counts turns", async () => {
    await using bench = await turnBench([readA, say("One."), say("Two.")]);
    const first = await bench.ask("Go");
    const used = ofType(first, "step-end").map(({ usage }) => usage.promptTokens);
    expect(ends(first)[0]?.usage.promptTokens).toBe((used[0] ?? 0) + (used[1] ?? 0));
    const second = await bench.ask("And?");
    expect([first, second].map((events) => ofType(events, "turn-start")[0]?.turn)).toEqual([1, 2]);
  });

  test("ends with the model's error, and keeps what it had said", async () => {
    await using bench = await turnBench([[say("I am"), fail("out of memory")]]);
    const events = await bench.ask("Go");
    expect(messages(events).at(-1)).toMatchObject({ text: "I am" });
    expect(ends(events)).toMatchObject([
      { reason: "error", error: { code: "MODEL_FAILED", message: "out of memory" } },
    ]);
    expect(events.at(-1)?.type).toBe("turn-end");
  });

  test("runs no call of a reply that broke with an error, and answers it", async () => {
    const write = callTool("write_file", { path: "new.txt", content: "x" });
    await using bench = await turnBench([[write, fail("out of memory")]]);
    const events = await bench.ask("Go");
    expect(results(events)).toMatchObject([{ status: "failed", summary: "not run" }]);
    await expect(bench.workspace.read("new.txt")).rejects.toThrow("ENOENT");
    expect(ends(events)).toMatchObject([{ reason: "error" }]);
  });

  test("never changes the part of the prompt that was sent before", async () => {
    await using bench = await turnBench([
      readA,
      callTool("edit_file", { path: "a.txt", old_text: "alpha", new_text: "gamma" }),
      say("Done."),
      callTool("list_directory", {}),
      say("Two files."),
    ]);
    await bench.ask("Change a.txt");
    await bench.ask("List");
    const sent = bench.model.requests.map((request) => request.messages.map((message) => JSON.stringify(message)));
    expect(sent).toHaveLength(5);
    for (const [index, later] of sent.entries()) {
      const earlier = sent[index - 1] ?? [];
      expect(later.slice(0, earlier.length)).toEqual(earlier);
    }
    expect(new Set(bench.model.requests.map(({ tools }) => JSON.stringify(tools))).size).toBe(1);
  });

  test("leaves earlier turns out for a model that they confuse, but never forgets them", async () => {
    await using bench = await turnBench([readA, say("Alpha."), say("Beta.")], { profile: { earlierTurns: 0 } });
    await bench.ask("First?");
    await bench.ask("Second?");
    expect(
      bench.model.requests
        .at(-1)
        ?.messages.map(({ text }) => text)
        .slice(1),
    ).toEqual(["Second?"]);
    expect(bench.conversation.log.map(({ role }) => role)).toEqual([
      "system",
      "user",
      "assistant",
      "tool",
      "assistant",
      "user",
      "assistant",
    ]);
  });

  test("keeps as many earlier turns as the profile says", async () => {
    await using bench = await turnBench([say("1"), say("2"), say("3")], { profile: { earlierTurns: 1 } });
    for (const text of ["One?", "Two?", "Three?"]) await bench.ask(text);
    expect(
      bench.model.requests
        .at(-1)
        ?.messages.slice(1)
        .map(({ text }) => text),
    ).toEqual(["Two?", "2", "Three?"]);
  });

  test("says that the context is too small instead of cutting the question", async () => {
    await using bench = await turnBench([say("never said")], { contextSize: 400 });
    const events = await bench.ask("word ".repeat(2000));
    expect(ends(events)).toMatchObject([{ reason: "error", error: { code: "CONTEXT_FULL" } }]);
    expect(bench.model.requests).toHaveLength(0);
  });

  test("says so when it shortens the conversation to make room", async () => {
    const files = { "a.txt": "many words here\n".repeat(300), "b.txt": "b\n" };
    const b = callTool("read_file", { path: "b.txt" });
    await using bench = await turnBench([readA, say("Long."), b, say("Short.")], {
      files,
      profile: { promptTokens: 1900 },
    });
    const first = await bench.ask("Read a.txt");
    const second = await bench.ask("Read b.txt");
    const [compaction] = ofType([...first, ...second], "compaction");
    expect(compaction?.stubbed).toBeGreaterThan(0);
    expect(compaction?.tokensAfter).toBeLessThan(compaction?.tokensBefore ?? 0);
    expect(bench.conversation.log.some(({ text }) => text.length > 4000)).toBe(true);
  });

  test("shows the lines that were read beside the answer, when the profile asks for it", async () => {
    const files = { "package.json": '{\n  "name": "shop",\n  "version": "2.4.1"\n}\n' };
    const replies = [callTool("read_file", { path: "package.json" }), say("It is 9.")];
    await using bench = await turnBench(replies, { files, profile: { showEvidence: true } });
    const events = await bench.ask("which version is it");
    expect(ofType(events, "evidence")).toMatchObject([
      { evidence: { source: "package.json", lines: [{ number: 3, text: '  "version": "2.4.1"' }] } },
    ]);
    expect(events.slice(-2).map(({ type }) => type)).toEqual(["evidence", "turn-end"]);
  });

  test("shows no evidence for other profiles", async () => {
    await using bench = await turnBench([readA, say("Alpha.")]);
    expect(ofType(await bench.ask("What does it say?"), "evidence")).toEqual([]);
  });
});
