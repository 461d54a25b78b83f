import { expect, test } from "vitest";

import { say } from "../../src/testing/index.ts";
import { messages, ofType, turnBench } from "./turn-bench.ts";

const file = { source: "src/a.ts", text: "export const a = 1;\n" };

test("what is attached goes to the model before the text, and is stored beside it", async () => {
  await using bench = await turnBench([say("One.")]);
  const events = await bench.ask({ text: "What is a?", attached: [file] });
  expect(messages(events)[0]).toEqual({ role: "user", text: "What is a?", attached: [file] });
  expect(bench.model.requests[0]?.messages.at(-1)).toEqual({
    role: "user",
    text: "[src/a.ts]\nexport const a = 1;\n\nWhat is a?",
  });
});

test("attachments of earlier questions are dropped before what was said, when room is needed", async () => {
  await using bench = await turnBench([say("One."), say("Two."), say("Three.")], {
    contextSize: 4000,
    profile: { outputTokens: 400 },
  });
  const lines = (count: number) => ({ source: "src/long.ts", text: "const x = 1;\n".repeat(count) });
  await bench.ask({ text: "first question", attached: [lines(600)] });
  const events = await bench.ask({ text: "second question", attached: [lines(250)] });
  expect(ofType(events, "compaction")).toHaveLength(1);
  const [, first, , second] = bench.model.requests.at(-1)?.messages ?? [];
  expect(first).toEqual({ role: "user", text: "[dropped to save context: src/long.ts]\n\nfirst question" });
  expect(second?.text).toContain("const x = 1;");
});
