import { describe, expect, test } from "vitest";

import { keepLastTurns } from "../../src/engine/conversation.ts";
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

/** A window of which three quarters trigger a compaction. */
const window = (tokens: number) => ({ trigger: Math.floor(tokens * 0.75), limit: tokens });

const toolTexts = (messages: readonly Message[]): string[] =>
  messages.flatMap((message) => (message.role === "tool" ? [message.text.slice(0, 8)] : []));

describe("the context window", () => {
  test("leaves a conversation that fits untouched", async () => {
    const conversation = conversationWithReads([["a.ts", 400]]);
    const before = [...conversation.view];
    const fit = await fitWindow(conversation, window(1000), count);
    expect(fit.compaction).toBeUndefined();
    expect(conversation.view).toEqual(before);
  });

  test("stubs a superseded read first and keeps the newer one of the same file whole", async () => {
    const conversation = conversationWithReads([
      ["a.ts", 2000],
      ["b.ts", 400],
      ["a.ts", 400],
    ]);
    const fit = await fitWindow(conversation, window(900), count);
    expect(fit.compaction).toMatchObject({ stubbed: 1, dropped: 0 });
    expect(toolTexts(conversation.view)).toEqual(["[dropped", "xxxxxxxx", "xxxxxxxx"]);
  });

  test("names the call in the stub, so that the model can make it again", async () => {
    const conversation = conversationWithReads([
      ["a.ts", 2000],
      ["a.ts", 40],
    ]);
    await fitWindow(conversation, window(400), count);
    expect(conversation.view.find(({ role }) => role === "tool")?.text).toContain("read_file, many lines");
  });

  test("puts the oldest turns into a frame, calls together with their results", async () => {
    const conversation = conversationWithReads([["a.ts", 100]]);
    for (let turn = 2; turn < 6; turn++) {
      append(conversation, { role: "user", text: `question ${turn} ${"y".repeat(400)}` });
      append(conversation, { role: "assistant", text: "z".repeat(400), calls: [] });
    }
    const fit = await fitWindow(conversation, window(600), count);
    expect(fit.compaction?.dropped).toBeGreaterThan(4);
    const [system, first, ...rest] = conversation.view;
    expect(system).toEqual({ role: "system", text: "system" });
    expect(first?.text).toMatch(
      /^\[The earlier part.*- first question.*Files: a\.ts read \(many lines\).*question \d y+$/s,
    );
    expect(rest.filter(({ role }) => role === "tool")).toEqual([]);
    expect(conversation.view.at(-1)).toEqual(conversation.log.at(-1));
  });

  test("keeps results of the current turn whole as long as they can be sent", async () => {
    const conversation = conversationWithReads([
      ["a.ts", 1200],
      ["b.ts", 1200],
    ]);
    const fit = await fitWindow(conversation, window(700), count);
    expect(fit.compaction).toBeUndefined();
    const tight = await fitWindow(conversation, window(500), count);
    expect(tight.compaction).toMatchObject({ stubbed: 1 });
    expect(toolTexts(conversation.view)).toEqual(["[dropped", "xxxxxxxx"]);
  });

  test("gives up the oldest replies of a long turn before it gives up", async () => {
    const conversation = conversationWithReads([]);
    for (let step = 0; step < 20; step++) {
      const id = `call_${step}`;
      const command = `make part-${step} ${"x".repeat(200)}`;
      const made = { ...call(id, ""), name: "run_command", args: { command } };
      append(conversation, { role: "assistant", text: "y".repeat(200), calls: [made] });
      append(conversation, {
        role: "tool",
        callId: id,
        name: "run_command",
        status: "ok",
        text: "made",
        summary: "exit code 0",
      });
    }
    const fit = await fitWindow(conversation, window(500), count);
    expect(fit.tokens).toBeLessThanOrEqual(500);
    expect(conversation.view.map(({ role }) => role).slice(0, 4)).toEqual(["system", "user", "assistant", "tool"]);
    expect(conversation.view[1]?.text).toMatch(/Commands: .*make part-.*first question$/s);
    expect(conversation.view.slice(-2)).toEqual(conversation.log.slice(-2));
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
    await expect(fitWindow(conversation, window(100), count)).rejects.toMatchObject({ code: "CONTEXT_FULL" });
  });

  test("goes well below the trigger when it compacts, so that the prefix changes rarely", async () => {
    const conversation = conversationWithReads([
      ["a.ts", 800],
      ["b.ts", 800],
      ["a.ts", 800],
      ["b.ts", 800],
    ]);
    const fit = await fitWindow(conversation, window(1000), count);
    expect(fit.tokens).toBeLessThanOrEqual(454);
  });

  test("does not bring back turns that were left out of what is sent", async () => {
    const conversation = createConversation("system");
    const ask = (text: string): void => {
      append(conversation, { role: "user", text });
      append(conversation, { role: "assistant", text: "Yes.", calls: [] });
    };
    for (const text of ["My name is Ada.", "We use tabs.", "The port is 7431."]) ask(text);
    await compact(conversation, 0, count);
    keepLastTurns(conversation, 0);
    for (const text of ["We use pnpm.", "What else?"]) ask(text);
    await compact(conversation, 0, count);
    expect(conversation.view[1]?.text).toContain("We use pnpm.");
    expect(conversation.view[1]?.text).not.toMatch(/Ada|tabs|7431/);
  });

  test("shortens for the person too, and keeps what they stated", async () => {
    const conversation = conversationWithReads([["a.ts", 4000]]);
    append(conversation, { role: "user", text: "We use tabs." });
    append(conversation, { role: "assistant", text: "Noted.", calls: [] });
    append(conversation, { role: "user", text: "What else?" });
    await compact(conversation, 0, count);
    expect(conversation.view).toHaveLength(2);
    expect(conversation.view[1]?.text).toMatch(/- first question\n- We use tabs\.\n.*\n\nWhat else\?$/s);
  });
});
