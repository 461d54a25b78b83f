import { describe, expect, test } from "vitest";

import { append, compact, createConversation, fitWindow } from "../../src/engine/index.ts";
import type { Message, ToolCall } from "../../src/protocol/index.ts";

const call = (id: string, path: string): ToolCall => ({
  id,
  name: "read_file",
  args: { path },
  raw: "",
  via: "parsed",
  repairs: [],
});

/** A stand-in for a tokenizer: one token for four characters. */
const count = (messages: readonly Message[]): Promise<number> =>
  Promise.resolve(messages.reduce((sum, { text }) => sum + Math.ceil(text.length / 4), 0));

function conversationWithReads(reads: readonly [path: string, size: number][]) {
  const conversation = createConversation("system");
  append(conversation, { role: "user", text: "first question" });
  for (const [index, [path, size]] of reads.entries()) {
    const id = `call_${index}`;
    append(conversation, { role: "assistant", text: "", calls: [call(id, path)] });
    append(conversation, {
      role: "tool",
      callId: id,
      name: "read_file",
      status: "ok",
      text: "x".repeat(size),
      summary: "many lines",
    });
  }
  return conversation;
}

const toolTexts = (messages: readonly Message[]): string[] =>
  messages.flatMap((message) => (message.role === "tool" ? [message.text.slice(0, 8)] : []));

describe("the context window", () => {
  test("leaves a conversation that fits untouched", async () => {
    const conversation = conversationWithReads([["a.ts", 400]]);
    const before = [...conversation.view];
    const fit = await fitWindow(conversation, 1000, count);
    expect(fit.compaction).toBeUndefined();
    expect(conversation.view).toEqual(before);
  });

  test("stubs a superseded read first and keeps the newer one of the same file whole", async () => {
    const conversation = conversationWithReads([
      ["a.ts", 2000],
      ["b.ts", 400],
      ["a.ts", 400],
    ]);
    const fit = await fitWindow(conversation, 400, count);
    expect(fit.compaction).toMatchObject({ stubbed: 1, dropped: 0 });
    expect(toolTexts(conversation.view)).toEqual(["[dropped", "xxxxxxxx", "xxxxxxxx"]);
  });

  test("names the call in the stub, so that the model can make it again", async () => {
    const conversation = conversationWithReads([
      ["a.ts", 2000],
      ["a.ts", 40],
    ]);
    await fitWindow(conversation, 100, count);
    expect(conversation.view.find(({ role }) => role === "tool")?.text).toContain("read_file, many lines");
  });

  test("drops the oldest turns whole, calls together with their results", async () => {
    const conversation = conversationWithReads([["a.ts", 100]]);
    for (let turn = 2; turn < 6; turn++) {
      append(conversation, { role: "user", text: `question ${turn} ${"y".repeat(400)}` });
      append(conversation, { role: "assistant", text: "z".repeat(400), calls: [] });
    }
    await fitWindow(conversation, 500, count);
    const calls = conversation.view.flatMap((message) => (message.role === "assistant" ? message.calls : []));
    const results = conversation.view.filter(({ role }) => role === "tool");
    expect(calls).toHaveLength(results.length);
    expect(conversation.view[0]).toEqual({ role: "system", text: "system" });
    expect(conversation.view.some(({ text }) => text.startsWith("question 5"))).toBe(true);
    expect(conversation.view.some(({ text }) => text.startsWith("first question"))).toBe(false);
  });

  test("never touches the log, which is what is stored", async () => {
    const conversation = conversationWithReads([["a.ts", 4000]]);
    const log = structuredClone(conversation.log);
    await compact(conversation, 0, count);
    expect(conversation.log).toEqual(log);
  });

  test("refuses with a clear error when even the shortest form does not fit", async () => {
    const conversation = createConversation("system");
    append(conversation, { role: "user", text: "w".repeat(4000) });
    await expect(fitWindow(conversation, 100, count)).rejects.toMatchObject({ code: "CONTEXT_FULL" });
  });

  test("goes well below the budget when it compacts, so that the prefix changes rarely", async () => {
    const conversation = conversationWithReads([
      ["a.ts", 800],
      ["b.ts", 800],
      ["a.ts", 800],
      ["b.ts", 800],
    ]);
    const fit = await fitWindow(conversation, 750, count);
    expect(fit.tokens).toBeLessThanOrEqual(450);
  });
});
