import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { createDialect, formatOf, hermesTags } from "../../../src/dialects/index.ts";
import { ofType, openModel, replyTo, request, textOf } from "./llama-bench.ts";

const fixture = fileURLToPath(new URL("./fixtures/thinking-host.ts", import.meta.url));
const entry = { command: process.execPath, args: ["--conditions=@trust-cli/source", fixture] };

test("a thought that the template opened stays a thought", async () => {
  await using model = openModel("unused.gguf", { entry });
  const events = await replyTo(model, request("2 + 2?"));
  expect(
    ofType(events, "thought-delta")
      .map(({ delta }) => delta)
      .join(""),
  ).toBe("Let me see.");
  expect(textOf(events)).toBe("It is 4.");
});

test("a thought may have a bound, and is ended by the family's own sign", async () => {
  await using model = openModel("unused.gguf", { entry });
  const events = await replyTo(model, { ...request("2 + 2?"), thoughtTokens: 12 });
  const thought = ofType(events, "thought-delta").map(({ delta }) => delta);
  expect(thought.join("")).toBe('Let me (12 tokens, then "/think>") see.');
});

const dialect = createDialect(formatOf(hermesTags));
const prompt = [{ kind: "control" as const, text: "<|im_start|>assistant\n<think>\n" }];

test("a reply that begins in a thought may be cut anywhere, and may never leave it", () => {
  const reply = "Let me see.</think>Four.";
  for (let at = 0; at <= reply.length; at++) {
    const parser = dialect.parser({ tools: [], prompt });
    const events = [...parser.push(reply.slice(0, at)), ...parser.push(reply.slice(at)), ...parser.end(false)];
    const text = (type: string): string =>
      events.map((event) => (event.type === type && "delta" in event ? event.delta : "")).join("");
    expect([text("thought-delta"), text("text-delta")]).toEqual(["Let me see.", "Four."]);
  }
  const unfinished = dialect.parser({ tools: [], prompt });
  const events = [...unfinished.push("Let me <tool_call>"), ...unfinished.end(true)];
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["thought-delta"]));
});
