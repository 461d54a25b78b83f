import { expect, test } from "vitest";

import { callTool, say, think } from "../../src/testing/index.ts";
import { ends, messages, ofType, turnBench } from "./turn-bench.ts";

const long = think("Let me see. Wait. ".repeat(100));

test("a model that only thinks is asked once more, to answer now, with the end of its thoughts", async () => {
  await using bench = await turnBench([[long, say("never said")], say("It is 4.")], { profile: { thoughtTokens: 50 } });
  const events = await bench.ask("2 + 2?");
  expect(messages(events).at(-1)).toEqual({ role: "assistant", text: "It is 4.", calls: [] });
  const [first, second] = bench.model.requests;
  expect(first).toMatchObject({ thoughtTokens: 50 });
  expect(second).toMatchObject({ thinking: false });
  expect(second?.messages.at(-1)?.text).toMatch(/^2 \+ 2\?\n\nYou have thought[\s\S]*Wait[. ]*\n\nGo on without/);
  expect(ofType(events, "notice").map(({ text }) => text)).toEqual([expect.stringContaining("thought for too long")]);
  expect(bench.conversation.view.filter(({ role }) => role === "user")).toHaveLength(1);
});

test("a thought that leads somewhere in time, and one without a bound, are left alone", async () => {
  const reply = [think("Easy. "), say("x ".repeat(2000))];
  await using bench = await turnBench([reply, [callTool("read_file", { path: "a.txt" })], say("Done.")], {
    profile: { thoughtTokens: 50 },
  });
  await bench.ask("Write much");
  await bench.ask("Read");
  expect(bench.model.requests).toHaveLength(3);
  await using free = await turnBench([[long, say("It is 4.")]]);
  expect(messages(await free.ask("2 + 2?")).at(-1)).toMatchObject({ text: "It is 4." });
});

test("behind the result of a tool the request stands alone", async () => {
  await using bench = await turnBench([callTool("read_file", { path: "a.txt" }), [long], say("alpha")], {
    profile: { thoughtTokens: 50 },
  });
  const events = await bench.ask("Read");
  expect(
    bench.model.requests
      .at(-1)
      ?.messages.slice(-2)
      .map(({ role }) => role),
  ).toEqual(["tool", "user"]);
  expect(ends(events)).toMatchObject([{ reason: "done" }]);
});
