import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";

import type { HostReply } from "../../../src/protocol/host.ts";
import { scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "../../../src/testing/index.ts";
import { type ChatBench, chatBench } from "./chat-bench.ts";
import { hostBench } from "./host-bench.ts";
import { countingChunks } from "./llama-bench.ts";
import { until } from "./shared-host-bench.ts";

const chunks = countingChunks(40);
const question = "<|im_start|>assistant\n";
/** About 1,300 tokens, which are many batches. */
const longQuestion = (start: string): string => start + "Read this. ".repeat(320) + question;
const batchSize = 64;

let folder: TemporaryWorkspace;
let path: string;
beforeAll(async () => {
  folder = await temporaryWorkspace();
  path = join(folder.path, "endless.gguf");
  await scriptedGguf(path, { replies: { first: chunks }, loop: true, contextLength: 4096 });
});
afterAll(() => folder[Symbol.asyncDispose]());
afterEach(() => void vi.restoreAllMocks());

/** Does something once, at the text number `count`. */
function atText(count: number, act: () => void): (reply: HostReply) => void {
  let heard = 0;
  return ({ type }) => {
    if (type === "text" && ++heard === count) act();
  };
}

/** The number of batches at each text of a reply. */
function batchesAtTexts(chat: ChatBench): { at: number[]; watch: (reply: HostReply) => void } {
  const at: number[] = [];
  return {
    at,
    watch: ({ type }) => {
      if (type === "text") at.push(chat.batches);
    },
  };
}

const plain = { plain: true } as const;

describe("while one client's reply is written", () => {
  test("another's first token comes in the batch that follows the one in work", async () => {
    await using chat = await chatBench(path, { sequences: 2, batchSize });
    const began = Promise.withResolvers<number>();
    const first = chat.say(
      question,
      { ...plain, maxTokens: 100 },
      { watch: atText(10, () => began.resolve(chat.batches)) },
    );
    const before = await began.promise;
    const { at, watch } = batchesAtTexts(chat);
    const second = await chat.say(question, { ...plain, maxTokens: 5 }, { watch });
    expect((at[0] ?? 0) - before).toBeLessThanOrEqual(2);
    expect(second.text).toBe(chunks.slice(0, 5).join(""));
    expect((await first).end.outputTokens).toBe(100);
  });

  test("another's long prompt does not stop it: each batch still brings a token", async () => {
    await using chat = await chatBench(path, { sequences: 2, batchSize });
    const began = Promise.withResolvers<void>();
    const { at, watch } = batchesAtTexts(chat);
    const start = atText(5, () => began.resolve());
    const both = (reply: HostReply): void => {
      watch(reply);
      start(reply);
    };
    const writer = chat.say(question, { ...plain, maxTokens: 100 }, { watch: both });
    await began.promise;
    const from = chat.batches;
    await chat.say(longQuestion(""), { ...plain, maxTokens: 1 });
    const until = chat.batches;
    await writer;
    expect(until - from).toBeGreaterThan(15);
    const meanwhile = at.filter((batch) => batch > from && batch < until);
    expect(meanwhile).toHaveLength(until - from - 1);
  });

  test("work that nobody waits for stands still", async () => {
    await using chat = await chatBench(path, { sequences: 2, batchSize });
    const began = Promise.withResolvers<void>();
    const background = batchesAtTexts(chat);
    const start = atText(10, () => began.resolve());
    const all = chat.say(
      question,
      { ...plain, maxTokens: 120, priority: 1 },
      {
        watch: (reply) => {
          background.watch(reply);
          start(reply);
        },
      },
    );
    await began.promise;
    const person = batchesAtTexts(chat);
    await chat.say(question, { ...plain, maxTokens: 40, priority: 5 }, { watch: person.watch });
    const [from = 0] = person.at;
    const to = person.at.at(-1) ?? 0;
    expect(background.at.filter((batch) => batch >= from && batch <= to)).toEqual([]);
    expect((await all).text).toBe(Array.from({ length: 120 }, (_, index) => chunks[index % chunks.length]).join(""));
  });
});

describe("with more clients than sequences", () => {
  test("all are answered", async () => {
    await using chat = await chatBench(path, { sequences: 2, batchSize });
    const limits = [30, 1, 17, 64, 5, 9, 40, 2, 23];
    const replies = await Promise.all(limits.map((maxTokens) => chat.say(question, { maxTokens })));
    expect(replies.map(({ end }) => end.outputTokens)).toEqual(limits);
    expect(chat.model.loop.busy).toBe(0);
  });

  test("a person goes before work that nobody waits for, which goes on afterwards", async () => {
    await using chat = await chatBench(path, { sequences: 1, batchSize });
    const began = Promise.withResolvers<number>();
    const background = chat.say(
      question,
      { ...plain, maxTokens: 90, priority: 1 },
      {
        watch: atText(10, () => began.resolve(chat.batches)),
      },
    );
    const before = await began.promise;
    const { at, watch } = batchesAtTexts(chat);
    await chat.say(question, { ...plain, maxTokens: 20, priority: 5 }, { watch });
    expect((at[0] ?? 0) - before).toBeLessThanOrEqual(2);
    expect((await background).end.outputTokens).toBe(90);
  });

  test("those of equal priority take turns after a while", async () => {
    await using chat = await chatBench(path, { sequences: 1, batchSize });
    const began = Promise.withResolvers<void>();
    const first = chat.say(question, { ...plain, maxTokens: 600 }, { watch: atText(10, () => began.resolve()) });
    let isFirstDone = false;
    void first.then(() => (isFirstDone = true));
    await began.promise;
    const second = chat.say(question, { ...plain, maxTokens: 20 });
    const now = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => now() + 5000);
    expect((await second).text).toBe(chunks.slice(0, 20).join(""));
    expect(isFirstDone).toBe(false);
    const whole = Array.from({ length: 600 }, (_, index) => chunks[index % chunks.length]);
    expect((await first).text).toBe(whole.join(""));
  });

  test("two long prompts are read in turns", async () => {
    await using chat = await chatBench(path, { sequences: 2, batchSize });
    const readers = ["One: ", "Two: "].map(() => batchesAtTexts(chat));
    const [one, two] = readers;
    await Promise.all(
      ["One: ", "Two: "].map((start, index) =>
        chat.say(
          longQuestion(start),
          { ...plain, maxTokens: 1 },
          { watch: readers[index]?.watch ?? (() => undefined) },
        ),
      ),
    );
    expect(Math.abs((one?.at[0] ?? 0) - (two?.at[0] ?? 0))).toBeLessThanOrEqual(2);
    expect(chat.batches).toBeGreaterThan(30);
  });
});

describe("the sequence of a client that", () => {
  test("cancels while it writes is free for the next at once", async () => {
    await using chat = await chatBench(path, { sequences: 1, batchSize });
    const abort = new AbortController();
    const first = chat.say(
      question,
      { maxTokens: 3000 },
      { signal: abort.signal, watch: atText(10, () => abort.abort()) },
    );
    const second = chat.say(question, { maxTokens: 5 });
    const { end } = await first;
    expect(end.reason).toBe("abort");
    expect(end.outputTokens).toBeLessThan(80);
    expect((await second).text).toBe(chunks.slice(0, 5).join(""));
  });

  test("cancels while it reads, or while it waits, is free for the next at once", async () => {
    await using chat = await chatBench(path, { sequences: 1, batchSize });
    const abort = new AbortController();
    const { signal } = abort;
    const reading = Promise.withResolvers<void>();
    const watch = ({ type }: HostReply): void => {
      if (type === "prefill") reading.resolve();
    };
    const reader = chat.say(longQuestion(""), {}, { signal, watch });
    await reading.promise;
    const waiter = chat.say(question, {}, { signal });
    abort.abort();
    expect((await reader).end.reason).toBe("abort");
    expect((await waiter).end).toMatchObject({ reason: "abort", outputTokens: 0 });
    expect(chat.batches).toBeLessThan(5);
    expect(chat.model.loop.busy).toBe(0);
  });

  test("goes away is free, and so is what it waited for", async () => {
    await using host = hostBench();
    const [gone, stays] = [host.client(), host.client()];
    const model = await gone.load(path);
    const texts = Promise.withResolvers<void>();
    for (let index = 0; index < 9; index++) {
      void gone.generate(
        model,
        question,
        { maxTokens: 4000 },
        atText(3, () => texts.resolve()),
      );
    }
    await texts.promise;
    gone.close();
    expect((await stays.generate(model, question, { maxTokens: 5 })).text).toBe(chunks.slice(0, 5).join(""));
    await until(async () => {
      const status = (await stays.ask({ type: "status" })).at(-1);
      return status?.type === "status" && status.status.models[0]?.busy === 0;
    });
  });
});
