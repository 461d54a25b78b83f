import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { append, compact, createConversation, fitWindow } from "../../src/engine/index.ts";
import { type Message, TrustError } from "../../src/protocol/index.ts";
import { callTool, say, type ScriptReply } from "../../src/testing/index.ts";
import { ofType, turnBench } from "./turn-bench.ts";

const fact = "My name is Ada, and the shop listens on port 7431.";
const small = { contextSize: 4096, profile: { promptTokens: 4096, outputTokens: 1024 } };
const turns = 200;

/** Asks `turns` questions, each answered after a read; gives the events of all and what was sent last. */
async function talk(question: (turn: number) => string) {
  const reply = (turn: number): ScriptReply[] => [
    callTool("read_file", { path: turn % 2 === 0 ? "a.txt" : "b.txt", from_line: 1 + (turn % 9) }),
    say(`That is part ${turn} of the file, as far as I can see, and ${"so on and ".repeat(8)}so forth.`),
  ];
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index} of a file with some words\n`).join("");
  const bench = await turnBench(Array.from({ length: turns }, (_, index) => reply(index + 1)).flat(), {
    ...small,
    files: { "a.txt": lines, "b.txt": lines },
  });
  await using _ = bench;
  const events = [];
  for (let turn = 1; turn <= turns; turn++) events.push(...(await bench.ask(question(turn))));
  return { events, last: bench.model.requests.at(-1)?.messages ?? [], requests: bench.model.requests };
}

describe("200 turns in a window of 4,096 tokens", () => {
  test.each([
    ["questions", (turn: number) => `What does part ${turn} of the program do, and why is it there?`],
    [
      "statements, each as good a fact as the first",
      (turn: number) => `The value of setting s${turn} is ${turn * 7}, which the README says too.`,
    ],
    ["long texts", (turn: number) => `Part ${turn}: ${"some more words about it. ".repeat(12)}`],
  ])("keep a fact of the first turn, when the others are %s", async (_, later) => {
    const { events, last } = await talk((turn) => (turn === 1 ? fact : later(turn)));
    expect(last.map(({ text }) => text).join("\n")).toContain(fact);
    expect(ofType(events, "turn-end").every(({ reason }) => reason === "done")).toBe(true);
  });

  test("keep a fact in the middle of a long first message, and one of the seventh turn", async () => {
    const first = `${"Here is a bit of history. ".repeat(20)}${fact} ${"Thank you for your help. ".repeat(20)}`;
    const seventh = "Remember: releases are cut from the branch stable-2.";
    const { last } = await talk((turn) => (turn === 1 ? first : turn === 7 ? seventh : `And what about part ${turn}?`));
    const sent = last.map(({ text }) => text).join("\n");
    expect(sent).toContain(fact);
    expect(sent).toContain(seventh);
  });

  test("change the part of the prompt that was sent before only when an event says so", async () => {
    const { events, requests } = await talk((turn) => `What does part ${turn} do?`);
    const changes = requests.filter(({ messages }, index) => {
      const earlier = requests[index - 1]?.messages ?? [];
      return JSON.stringify(messages.slice(0, earlier.length)) !== JSON.stringify(earlier);
    });
    const compactions = ofType(events, "compaction");
    expect(changes).toHaveLength(compactions.length);
    expect(compactions.length).toBeLessThan(requests.length / 4);
  });
});

describe("whatever was said, and however small the window", () => {
  const word = fc.string({ maxLength: 60 });
  const step = fc.record({
    paths: fc.array(fc.constantFrom("a.ts", "b.ts"), { minLength: 1, maxLength: 3 }),
    size: fc.nat(900),
  });
  const turn = fc.record({ text: word, steps: fc.array(step, { maxLength: 4 }), answer: fc.option(word) });
  const sizes = fc.array(fc.integer({ min: 20, max: 1500 }), { minLength: 1, maxLength: 12 });

  const count = (messages: readonly Message[]): Promise<number> =>
    Promise.resolve(messages.reduce((sum, { text }) => sum + 4 + Math.ceil(text.length / 4), 0));

  test("calls and results stay together, the newest messages stay, and what is sent fits", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(turn, { minLength: 1, maxLength: 12 }),
        sizes,
        fc.boolean(),
        async (said, limits, byHand) => {
          const conversation = createConversation("You are Trust.");
          let fits = 0;
          for (const { text, steps, answer } of said) {
            append(conversation, { role: "user", text });
            for (const { paths, size } of steps) {
              // Ids begin anew in every reply.
              const calls = paths.map((path, index) => ({
                id: `call_${index}`,
                name: "read_file",
                args: { path },
                raw: "",
                via: "parsed" as const,
                repairs: [],
              }));
              append(conversation, { role: "assistant", text: "", calls });
              for (const { id, name } of calls) {
                append(conversation, {
                  role: "tool",
                  callId: id,
                  name,
                  status: "ok",
                  text: "x".repeat(size),
                  summary: "lines",
                });
              }
              const limit = limits[fits++ % limits.length] ?? 100;
              await fit(limit);
            }
            if (answer !== null) append(conversation, { role: "assistant", text: answer, calls: [] });
            if (byHand) await compact(conversation, 0, count);
          }

          async function fit(limit: number): Promise<void> {
            const before = structuredClone(conversation.log);
            try {
              const { tokens } = await fitWindow(conversation, { trigger: Math.floor(limit * 0.75), limit }, count);
              expect(tokens).toBeLessThanOrEqual(limit);
              expect(tokens).toBe(await count(conversation.view));
            } catch (error) {
              expect(error).toBeInstanceOf(TrustError);
              expect(error).toHaveProperty("code", "CONTEXT_FULL");
            }
            expect(conversation.log).toEqual(before);
            expect(isWellFormed(conversation.view)).toBe(true);
            expect(conversation.view.at(-1)).toEqual(conversation.log.at(-1));
            const question = before.findLast(({ role }) => role === "user")?.text ?? "";
            expect(conversation.view.findLast(({ role }) => role === "user")?.text.endsWith(question)).toBe(true);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** One system message first; then turns that begin with the person; every reply's calls answered, in order, right behind it. */
function isWellFormed([system, first, ...rest]: readonly Message[]): boolean {
  let expected: string[] = [];
  for (const message of rest) {
    if (message.role === "tool") {
      if (expected.shift() !== message.callId) return false;
      continue;
    }
    if (expected.length > 0) return false;
    if (message.role === "assistant") expected = message.calls.map(({ id }) => id);
  }
  return system?.role === "system" && first?.role === "user" && expected.length === 0;
}
