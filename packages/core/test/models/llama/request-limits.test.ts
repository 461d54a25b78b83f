import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { afterAll, beforeAll, expect, test } from "vitest";

import type { HostModel } from "../../../src/protocol/host.ts";
import { scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "../../../src/testing/index.ts";
import { asking, type BenchClient, hostBench, type HostBench } from "./host-bench.ts";
import { countingChunks } from "./llama-bench.ts";

const chunks = countingChunks(20);
const question = "<|im_start|>assistant\n";
const contextSize = 512;

let folder: TemporaryWorkspace;
let host: HostBench;
let client: BenchClient;
let model: HostModel;
beforeAll(async () => {
  folder = await temporaryWorkspace();
  const path = join(folder.path, "endless.gguf");
  await scriptedGguf(path, { replies: { first: chunks }, loop: true, contextLength: contextSize });
  host = hostBench();
  client = host.client();
  model = await client.load(path);
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** A reply of another client, which is being written. */
async function beside(): Promise<{ said: Promise<string> }> {
  const other = host.client();
  const began = Promise.withResolvers<void>();
  const reply = other.generate(model, question, { maxTokens: 300 }, ({ type }) => {
    if (type === "text") began.resolve();
  });
  await began.promise;
  return { said: reply.then(({ text }) => text) };
}

const written = (count: number): string =>
  Array.from({ length: count }, (_, index) => chunks[index % chunks.length]).join("");

test("a prompt without a token is refused", async () => {
  expect((await client.ask(asking(model, ""))).at(-1)).toMatchObject({
    type: "failed",
    error: { code: "INPUT_INVALID" },
  });
  expect((await client.generate(model, question, { maxTokens: 3 })).text).toBe(written(3));
});

test("a prompt that fills the window to its last token leaves room for one", async () => {
  const token = "n0, ";
  const { end } = await client.generate(model, token.repeat(contextSize - 1), { maxTokens: 9 });
  expect(end).toMatchObject({ reason: "length", promptTokens: contextSize - 1, outputTokens: 1 });
  expect((await client.ask(asking(model, token.repeat(contextSize)))).at(-1)).toMatchObject({
    type: "failed",
    error: { code: "CONTEXT_FULL" },
  });
});

test("a window that fills up, guesses and all, ends one reply and harms no other", async () => {
  const other = await beside();
  const { end, text } = await client.generate(model, written(400) + question, { maxTokens: 9999 });
  expect(end.promptTokens + end.outputTokens).toBe(contextSize);
  expect(text).toBe(written(end.outputTokens));
  expect(await other.said).toBe(written(300));
});

test("a grammar that admits nothing ends one reply with an error, and harms no other", async () => {
  const other = await beside();
  // No token begins with this character.
  const grammar = { gbnf: String.raw`root ::= "n0, \x00"`, root: "root", triggers: [] };
  const replies = await client.ask(asking(model, question, { grammar, sampler: { temperature: 1, seed: 1 } }));
  expect(replies.at(-1)).toMatchObject({ type: "failed", error: { code: "MODEL_FAILED" } });
  expect(await other.said).toBe(written(300));
});

test("a thought whose end does not fit into the window is cut off, and harms no other", async () => {
  const other = await beside();
  const thinking = { tokens: 100, open: "<think>", close: `</think>${written(30)}`, opened: true };
  const { end } = await client.generate(model, written(390) + question, { maxTokens: 9999, thinking });
  expect(end).toMatchObject({ reason: "length", outputTokens: 100 });
  expect(await other.said).toBe(written(300));
});

test("a thought that only the prompt opens is closed once", async () => {
  const thinking = { tokens: 5, open: "", close: "</think>", opened: true };
  const { text } = await client.generate(model, question, { maxTokens: 40, thinking });
  expect(text.split("</think>")).toHaveLength(2);
});

test("a model stays while a prompt for it is made into tokens", async () => {
  const path = join(folder.path, "other.gguf");
  await scriptedGguf(path, { replies: { first: chunks }, contextLength: 4096 });
  const other = await client.load(path);
  const words = Array.from({ length: 3 }, (_, index) => ({
    kind: "text" as const,
    text: `word${index} `.repeat(170),
  }));
  const prompt = [...words, { kind: "control" as const, text: question }];
  const reply = client.generate(other, "", { prompt, maxTokens: 2 });
  await setImmediate();
  expect(await host.client().ask({ type: "unload", path })).toMatchObject([{ type: "unloaded", models: 0 }]);
  expect((await reply).text).toBe(written(2));
  expect(await host.client().ask({ type: "unload", path })).toMatchObject([{ type: "unloaded", models: 1 }]);
});
