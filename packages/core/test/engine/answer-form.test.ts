import { describe, expect, test } from "vitest";

import { callTool, fail, say, think, wait } from "../../src/testing/index.ts";
import { eventModel, finish, overflow, text } from "./event-model.ts";
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

  test.each([
    ["runs in circles", '{"word":"', ["1."], 200],
    ["never closes a string", '{"word":"', Array.from({ length: 900 }, (_, index) => `${index} `), 600],
  ])("stops a value that %s, and asks once more for a short one", async (_, start, unit, most) => {
    const deltas = Array.from({ length: 1000 }, (_unused, index) => text(unit[index % unit.length] ?? ""));
    const model = eventModel([[text("Alpha.")], [text(start), ...deltas], [text('{"word":"alpha"}')]]);
    await using bench = await turnBench([], { model, answerSchema });
    const events = await bench.ask("Go");
    expect(ends(events)).toMatchObject([{ reason: "done" }]);
    expect(ofType(events, "text-delta").length).toBeLessThan(most + 20);
    expect(messages(events).at(-1)?.text).toBe('{"word":"alpha"}');
    const again = model.requests[2];
    expect(again?.sampling.temperature).toBe(0.3);
    expect(again?.messages.at(-1)?.text).toContain("as short as you can");
    expect(again?.messages.length).toBe(model.requests[1]?.messages.length);
  });

  test("ends with an error when that one is never closed either", async () => {
    const endless = [text('{"word":"'), ...Array.from({ length: 1000 }, () => text("1."))];
    const model = eventModel([[text("Alpha.")], endless, endless]);
    await using bench = await turnBench([], { model, answerSchema });
    const [end] = ends(await bench.ask("Go"));
    expect(end?.error?.message).toBe("the model's answer does not fit the schema: it was cut off before its end");
  });

  test("takes a whole value that is followed by blanks without end", async () => {
    const blanks = Array.from({ length: 1000 }, () => text("\n"));
    const model = eventModel([[text("Alpha.")], [text('{"word":"alpha"}'), ...blanks]]);
    await using bench = await turnBench([], { model, answerSchema });
    expect(ends(await bench.ask("Go"))).toMatchObject([{ reason: "done" }]);
  });

  test("gives a value room for a long answer", async () => {
    const words = Array.from({ length: 900 }, (_, index) => `word${index}`).join(" ");
    const model = eventModel([[text(words)], [text('{"word":"'), text(words), text('"}')]]);
    await using bench = await turnBench([], { model, answerSchema });
    expect(ends(await bench.ask("Go"))).toMatchObject([{ reason: "done" }]);
  });

  test("is shortened for a backend that refuses the request as too long", async () => {
    const model = eventModel([[text("Lines. ".repeat(300))], [overflow], [text('{"word":"alpha"}')]]);
    await using bench = await turnBench([], { model, answerSchema });
    expect(ends(await bench.ask("Go"))).toMatchObject([{ reason: "done" }]);
    expect(model.requests).toHaveLength(3);
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
