import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "../../../src/testing/index.ts";
import { hostBench } from "./host-bench.ts";
import { countingChunks } from "./llama-bench.ts";

const chunks = countingChunks(120);
const tiny = { layers: 1, width: 256, heads: 8, keyValueHeads: 4, feedForward: 256, type: "f16" } as const;

let folder: TemporaryWorkspace;
const path = (name: string): string => join(folder.path, `${name}.gguf`);
beforeAll(async () => {
  folder = await temporaryWorkspace();
  await scriptedGguf(path("large"), { replies: { first: chunks } });
  await scriptedGguf(path("small"), { replies: { first: chunks }, shape: tiny });
  await scriptedGguf(path("other"), { replies: { first: ["Other", " tokens"] }, shape: tiny });
});
afterAll(() => folder[Symbol.asyncDispose]());

test("a draft model guesses where nothing repeats, and the text is the model's own", async () => {
  await using host = hostBench();
  const client = host.client();
  const model = await client.load(path("large"), { draft: path("small"), threads: 1 });
  const { text, end } = await client.generate(model, "Count.\n", { maxTokens: 100 });
  expect(text).toBe(chunks.slice(0, 100).join(""));
  expect(end.drafted).toBeGreaterThan(0);
  expect(end.accepted).toBe(end.drafted);
});

test("two replies at a time are both right, though one draft model guesses for one of them", async () => {
  await using host = hostBench();
  const [first, second] = [host.client(), host.client()];
  const model = await first.load(path("large"), { draft: path("small"), threads: 1 });
  const replies = await Promise.all(
    [first, second].map((client) => client.generate(model, "Count.\n", { maxTokens: 100 })),
  );
  expect(replies.map(({ text }) => text)).toEqual([chunks.slice(0, 100).join(""), chunks.slice(0, 100).join("")]);
});

test("a draft model with other tokens is refused, with what to choose instead", async () => {
  await using host = hostBench();
  const replies = await host.client().ask({ type: "load", path: path("large"), draft: path("other") });
  expect(replies.at(-1)).toMatchObject({
    type: "failed",
    error: { code: "MODEL_INVALID", hint: "choose a smaller model of the same family" },
  });
});
