import { describe, expect, test } from "vitest";

import { callTool, fail, say, think, wait } from "../../src/testing/index.ts";
import { eventModel, finish, text } from "./event-model.ts";
import { ends, messages, ofType, turnBench } from "./turn-bench.ts";

const answerSchema = { type: "object", properties: { word: { type: "string" } }, required: ["word"] };
const readA = callTool("read_file", { path: "a.txt" });

describe("a turn whose answer must be a JSON value", () => {
  test("asks for the answer again under the schema, and only the value joins the conversation", async () => {
    await using bench = await turnBench([readA, say("It says alpha."), say('{"word":"alpha"}')], { answerSchema });
    const events = await bench.ask("What does a.txt say?");
    expect(messages(events).map(({ role, text: said }) => [role, said])).toEqual([
      ["user", "What does a.txt say?"],
      ["assistant", ""],
      ["tool", "alpha"],
      ["assistant", '{"word":"alpha"}'],
    ]);
    expect(ends(events)).toMatchObject([{ reason: "done" }]);
    const [, second, third] = bench.model.requests;
    expect(third?.messages.slice(0, second?.messages.length)).toEqual(second?.messages);
    expect(third?.messages.slice(second?.messages.length)).toMatchObject([
      { role: "assistant", text: "It says alpha." },
      { role: "user", text: expect.stringContaining(JSON.stringify(answerSchema)) as unknown },
    ]);
    expect(third).toMatchObject({ outputSchema: answerSchema, toolChoice: "none", tools: second?.tools });
    expect(bench.model.requests.slice(0, 2).some((request) => "outputSchema" in request)).toBe(false);
  });

  test("takes an answer that is one already as it was said", async () => {
    await using bench = await turnBench([[think("easy"), say(' {"word": "alpha"}\n')]], { answerSchema });
    const events = await bench.ask("Go");
    expect(messages(events).at(-1)).toMatchObject({ text: ' {"word": "alpha"}\n', thought: "easy" });
    expect(bench.model.requests).toHaveLength(1);
  });

  test("says once more what is wrong", async () => {
    const replies = [say('{"world":"alpha"}'), say('{"world":"alpha"}'), say('{"word":"alpha"}')];
    await using bench = await turnBench(replies, { answerSchema });
    const events = await bench.ask("Go");
    expect(messages(events).at(-1)?.text).toBe('{"word":"alpha"}');
    expect(bench.model.requests[2]?.messages.slice(0, 4)).toEqual(bench.model.requests[1]?.messages);
    expect(bench.model.requests[2]?.messages.slice(4)).toMatchObject([
      { role: "assistant", text: '{"world":"alpha"}' },
      { role: "user", text: expect.stringContaining("unknown key `world`, did you mean `word`?") as unknown },
    ]);
  });

  test("ends with an error after that, and keeps the answer as it was said", async () => {
    await using bench = await turnBench([say("Alpha."), say("Alpha!"), say('{"word":1}')], { answerSchema });
    const events = await bench.ask("Go");
    expect(messages(events).at(-1)?.text).toBe("Alpha.");
    expect(ends(events)).toMatchObject([
      {
        reason: "error",
        error: {
          code: "MODEL_FAILED",
          message: "the model's answer does not fit the schema: word: must be string; got 1",
        },
      },
    ]);
  });

  test("gives a value that was cut off more room", async () => {
    const model = eventModel([[text("Alpha.")], [text('{"word":"al'), finish("length")], [text('{"word":"alpha"}')]]);
    await using bench = await turnBench([], { model, answerSchema, profile: { outputTokens: 500 } });
    expect(ends(await bench.ask("Go"))).toMatchObject([{ reason: "done" }]);
    expect(model.requests.map(({ maxTokens }) => maxTokens)).toEqual([500, 500, 1000]);
    expect(model.requests[2]?.messages.at(-1)?.text).toContain("it was cut off before its end");
  });

  test("adds up what the further requests cost", async () => {
    await using bench = await turnBench([say("Alpha."), say('{"word":"alpha"}')], { answerSchema });
    const events = await bench.ask("Go");
    const used = ofType(events, "step-end").map(({ usage }) => usage.outputTokens);
    expect(used).toHaveLength(2);
    expect(ends(events)[0]?.usage.outputTokens).toBe((used[0] ?? 0) + (used[1] ?? 0));
  });

  test("passes on why the model failed when it was asked again", async () => {
    await using bench = await turnBench([say("Alpha."), fail("out of memory")], { answerSchema });
    const events = await bench.ask("Go");
    expect(messages(events).at(-1)?.text).toBe("Alpha.");
    expect(ends(events)).toMatchObject([{ reason: "error", error: { message: "out of memory" } }]);
  });

  test("can be stopped while it is asked again", async () => {
    await using bench = await turnBench([say("Alpha."), [say("{"), wait()]], { answerSchema });
    const events = await bench.ask("Go", (event) => {
      if (event.type === "text-delta" && event.delta.includes("{")) bench.controller.abort();
    });
    expect(ends(events)).toMatchObject([{ reason: "abort" }]);
    expect(messages(events).at(-1)?.text).toBe("Alpha.");
  });

  test("shortens a long conversation for that request alone", async () => {
    const lines = "one of many lines\n".repeat(560);
    const replies = [readA, say("Lines. ".repeat(450)), say('{"word":"lines"}')];
    const profile = { outputTokens: 300, promptTokens: 5000 };
    const options = { files: { "a.txt": lines }, answerSchema, contextSize: 5000, profile };
    await using bench = await turnBench(replies, options);
    const events = await bench.ask("What does a.txt say?");
    expect(messages(events).at(-1)?.text).toBe('{"word":"lines"}');
    expect(ofType(events, "compaction")).toHaveLength(1);
    expect(bench.model.requests[2]?.messages.some(({ text }) => text.includes("[dropped to save context"))).toBe(true);
    expect(bench.conversation.view).toEqual(bench.conversation.log);
  });

  test("is left as it is when the turn does not come to an answer", async () => {
    await using bench = await turnBench([readA], { answerSchema, limits: { steps: 1 } });
    expect(ends(await bench.ask("Go"))).toMatchObject([{ reason: "step-limit" }]);
    expect(bench.model.requests).toHaveLength(1);
  });
});
