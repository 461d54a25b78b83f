import { describe, expect, test } from "vitest";

import type { ModelEvent } from "../../src/protocol/index.ts";
import { callTool, fail, say } from "../../src/testing/index.ts";
import { called, cutOff, eventModel, finish, garbled, overflow, restart, text } from "./event-model.ts";
import { ends, messages, ofType, results, turnBench, unanswered } from "./turn-bench.ts";

const wrongRead = callTool("read_file", { file: "a.txt" });
const readA = callTool("read_file", { path: "a.txt" });
const notices = (events: Parameters<typeof ofType>[0]): string[] => ofType(events, "notice").map((event) => event.text);

describe("calls of one tool that are wrong again and again", () => {
  test("are explained with the schema, then forced, and then the tool is stopped for the turn", async () => {
    const replies = [wrongRead, wrongRead, wrongRead, readA, say("I cannot read.")];
    await using bench = await turnBench(replies);
    const events = await bench.ask("Go");
    const texts = results(events).map((result) => result.text);
    expect(texts[0]).toContain('did you mean `path`?. The arguments of read_file follow this schema: {"type":"object"');
    expect(texts[1]).not.toContain("schema");
    expect(texts[2]).toContain("read_file is stopped for this turn; go on without it");
    expect(texts[3]).toBe("error: read_file is stopped for this turn; go on without it");
    expect(bench.model.requests.map(({ toolChoice }) => toolChoice)).toEqual([
      "auto",
      "auto",
      { name: "read_file" },
      "auto",
      "auto",
    ]);
    expect(notices(events)).toEqual([expect.stringContaining("wrote a call of read_file wrongly twice")]);
    expect(new Set(bench.model.requests.map(({ tools }) => JSON.stringify(tools))).size).toBe(1);
    expect(ends(events)).toMatchObject([{ reason: "done" }]);
  });

  test("are forced without sampling, this once", async () => {
    await using bench = await turnBench([wrongRead, wrongRead, readA, say("Alpha.")], {
      profile: { sampling: { temperature: 0.7, topP: 0.9 } },
    });
    await bench.ask("Go");
    expect(bench.model.requests.map(({ sampling }) => sampling.temperature)).toEqual([0.7, 0.7, 0, 0.7]);
    expect(bench.model.requests[2]?.sampling.topP).toBe(0.9);
  });

  test("begin anew after one that was right, and for every tool", async () => {
    const wrongList = callTool("list_directory", { folder: 1 });
    await using bench = await turnBench([wrongRead, wrongList, readA, wrongRead, wrongList, readA, say("Done.")]);
    await bench.ask("Go");
    const forced = bench.model.requests.map(({ toolChoice }) => toolChoice).filter((choice) => choice !== "auto");
    expect(forced).toEqual([{ name: "list_directory" }]);
  });

  test("count once a reply, however many stand in it", async () => {
    await using bench = await turnBench([[wrongRead, wrongRead, wrongRead], readA, say("Alpha.")]);
    const events = await bench.ask("Go");
    expect(notices(events)).toEqual([]);
    expect(results(events).at(-1)?.status).toBe("ok");
  });

  test("force any call when they name no tool", async () => {
    const unknown = callTool("open_file", { path: "a.txt" });
    await using bench = await turnBench([unknown, unknown, readA, say("Alpha.")]);
    await bench.ask("Go");
    expect(bench.model.requests[2]?.toolChoice).toBe("required");
  });

  test("lead to another way of writing calls, once a turn, which the person is told", async () => {
    let downgrades = 0;
    const downgrade = () => (++downgrades > 9 ? undefined : { from: "JSON calls", to: "plain tags" });
    const wrong = Array.from({ length: 9 }, (_, index) => garbled("read_file", `call_${index}`));
    const right = [called("read_file", { path: "a.txt" })];
    const model = eventModel([...wrong.slice(0, 5), right, ...wrong, [text("Hm.")]], { downgrade });
    await using bench = await turnBench([], { model });
    const events = await bench.ask("Go");
    expect(downgrades).toBe(1);
    expect(notices(events)[1]).toBe(
      "This model writes calls better as plain tags: it is asked for them so from now on, not as JSON calls.",
    );
    expect(results(events)[5]).toMatchObject({ status: "ok", text: "alpha" });
    expect(results(events)[8]?.text).toContain("read_file is stopped for this turn");
  });
});

describe("a call that was cut off", () => {
  test("is never run; there is more room for the next, once, and then the model is to write less", async () => {
    const model = eventModel([
      [...cutOff("write_file", "call_1"), finish("length")],
      [...cutOff("write_file", "call_2"), finish("length")],
      [text("Hm.")],
    ]);
    await using bench = await turnBench([], { model });
    const events = await bench.ask("Go");
    expect(results(events).map((result) => result.text)).toEqual([
      "error: the call was cut off before its end and not run; there is more room now: write it again, whole",
      "error: the call was cut off before its end and not run; write less in one call, and add the rest with further calls",
    ]);
    expect(model.requests.map(({ maxTokens }) => maxTokens)).toEqual([1000, 2000, 2000]);
    expect(ofType(events, "tool-start")).toEqual([]);
    expect(unanswered(bench.conversation.log)).toEqual([]);
  });

  test("gets no more room than half of the window", async () => {
    const model = eventModel([[...cutOff("write_file"), finish("length")], [text("Hm.")]], { contextSize: 3000 });
    await using bench = await turnBench([], { model });
    await bench.ask("Go");
    expect(model.requests.map(({ maxTokens }) => maxTokens)).toEqual([750, 1500]);
  });

  test("gets no more room where it only repeated itself", async () => {
    const raw = `{"path": "a", "content": "${"options ".repeat(60)}`;
    const cut: ModelEvent = { type: "call-invalid", id: "call_1", raw, errors: ["cut off"], truncated: true };
    const model = eventModel([
      [{ type: "call-start", id: "call_1", name: "write_file" }, cut, finish("length")],
      [text("Hm.")],
    ]);
    await using bench = await turnBench([], { model });
    expect(results(await bench.ask("Go"))).toMatchObject([
      { text: expect.stringContaining("write it again, shorter") },
    ]);
    expect(model.requests[1]?.maxTokens).toBe(model.requests[0]?.maxTokens);
  });

  test("is not run either when a server closed it", async () => {
    const model = eventModel([
      [called("write_file", { path: "new.txt", content: "half" }), finish("length")],
      [text("Hm.")],
    ]);
    await using bench = await turnBench([], { model });
    const events = await bench.ask("Go");
    expect(results(events)).toMatchObject([{ status: "failed", text: expect.stringContaining("cut off") }]);
    await expect(bench.workspace.read("new.txt")).rejects.toThrow("ENOENT");
  });

  test("does not keep a call before it from being run", async () => {
    const model = eventModel([
      [called("read_file", { path: "a.txt" }, { id: "call_0" }), ...cutOff("write_file"), finish("length")],
      [text("Hm.")],
    ]);
    await using bench = await turnBench([], { model });
    expect(results(await bench.ask("Go")).map(({ status }) => status)).toEqual(["ok", "failed"]);
  });
});

describe("a reply that another backend begins anew", () => {
  test("holds nothing of what the first one wrote", async () => {
    const model = eventModel([[text("It is "), ...garbled("read_file"), restart, text("Forty-two.")]]);
    await using bench = await turnBench([], { model });
    const events = await bench.ask("Go");
    expect(messages(events).at(-1)).toMatchObject({ role: "assistant", text: "Forty-two.", calls: [] });
    expect(results(events)).toEqual([]);
  });

  test("makes the next request fit the window of that backend", async () => {
    const contextSize = () => (model.requests.length === 0 ? 32_768 : 6000);
    const read = called("read_file", { path: "a.txt" });
    const model = eventModel([[text("It is "), restart, read], [text("Forty-two.")]], { contextSize });
    await using bench = await turnBench([], { model });
    const events = await bench.ask("Go");
    expect(ofType(events, "step-start").map((event) => event.contextSize)).toEqual([32_768, 6000]);
  });
});

describe("a prompt that the backend finds too long", () => {
  const long = { "a.txt": "many words here\n".repeat(300) };
  const veryLong = { "a.txt": "many words here\n".repeat(600) };

  test("is shortened and sent again, once", async () => {
    const model = eventModel(
      [[called("read_file", { path: "a.txt" })], [text("Long.")], [overflow], [text("Short.")]],
      { contextSize: 16_384 },
    );
    await using bench = await turnBench([], { model, files: long });
    await bench.ask("Read a.txt");
    const events = await bench.ask("And now?");
    expect(notices(events)).toEqual([expect.stringContaining("it is shortened and sent again")]);
    expect(ofType(events, "compaction")).toHaveLength(1);
    expect(JSON.stringify(model.requests[3]?.messages).length).toBeLessThan(
      0.6 * JSON.stringify(model.requests[2]?.messages).length,
    );
    expect(ends(events)).toMatchObject([{ reason: "done" }]);
  });

  test("is fitted to the window that the backend has now", async () => {
    const sizes = [32_768, 4096];
    const replies = [[called("read_file", { path: "a.txt" })], [text("Long.")], [overflow], [text("Short.")]];
    const contextSize = () => sizes[model.requests.length < 3 ? 0 : 1] ?? 0;
    const model = eventModel(replies, { contextSize });
    await using bench = await turnBench([], { model, files: veryLong });
    await bench.ask("Read a.txt");
    const events = await bench.ask("And now?");
    expect(ends(events)).toMatchObject([{ reason: "done" }]);
    expect(ofType(events, "step-start").map((event) => event.contextSize)).toEqual([32_768, 4096]);
    expect(ofType(events, "step-start")[1]?.contextTokens).toBeLessThan(3072);
    expect(model.requests[3]?.maxTokens).toBe(1000);
  });

  test("ends the turn when it is too long a third time", async () => {
    const earlier = Array.from({ length: 10 }, (_, index) => [text(`Answer ${index}. `.repeat(150))]);
    const model = eventModel([...earlier, [overflow], [overflow], [overflow]], { contextSize: 32_768 });
    await using bench = await turnBench([], { model });
    for (const { length } of earlier) await bench.ask(`Question ${length}`);
    const events = await bench.ask("And now?");
    expect(ends(events)).toMatchObject([{ reason: "error", error: { code: "CONTEXT_FULL" } }]);
    expect(notices(events)).toHaveLength(2);
    const [first = 0, second = 0, third = 0] = ofType(events, "step-start").map((event) => event.contextTokens);
    expect(second).toBeLessThan(0.6 * first);
    expect(third).toBeLessThan(0.6 * second);
  });

  test("ends the turn when it cannot be made shorter", async () => {
    const model = eventModel([[called("read_file", { path: "a.txt" })], [overflow]]);
    await using bench = await turnBench([], { model, files: long });
    expect(ends(await bench.ask("Read a.txt"))).toMatchObject([{ reason: "error", error: { code: "CONTEXT_FULL" } }]);
  });

  test("ends the turn when something was said already", async () => {
    const model = eventModel([[text("I am"), overflow]]);
    await using bench = await turnBench([], { model });
    const events = await bench.ask("Go");
    expect(model.requests).toHaveLength(1);
    expect(messages(events).at(-1)).toMatchObject({ text: "I am" });
    expect(ends(events)).toMatchObject([{ reason: "error", error: { code: "CONTEXT_FULL" } }]);
  });
});

describe("an empty reply", () => {
  test("is asked for again with a shorter last result", async () => {
    const files = { "a.txt": "many words here\n".repeat(300) };
    await using bench = await turnBench([readA, say(""), say("Words.")], { files });
    const events = await bench.ask("Read a.txt");
    const sent = bench.model.requests.map(({ messages: prompt }) => prompt.at(-1)?.text.length ?? 0);
    expect(sent[2]).toBeLessThan((sent[1] ?? 0) / 2);
    expect(bench.model.requests[2]?.messages.at(-1)?.text).toContain("[shortened: the rest was left out");
    expect(results(events)[0]?.text.length).toBeGreaterThan(4000);
    expect(notices(events)).toEqual([
      "The model's reply was empty: the last result is shortened and it is asked again.",
    ]);
    expect(ends(events)).toMatchObject([{ reason: "done" }]);
  });

  test("ends the turn with an error when it comes twice, and leaves no empty message", async () => {
    await using bench = await turnBench([say(""), say("")]);
    const events = await bench.ask("Go");
    expect(messages(events).map(({ role }) => role)).toEqual(["user"]);
    expect(ends(events)).toMatchObject([
      { reason: "error", error: { code: "MODEL_FAILED", message: "the model gave an empty reply, twice" } },
    ]);
  });
});

describe("a reply that announces a call and makes none", () => {
  const asking = { profile: { asksForNext: true } };
  const announcement = say("Let me read the file:");

  test("is completed by the call, when the model says that it meant one", async () => {
    await using bench = await turnBench([announcement, say('{"next":"call"}'), readA, say("Alpha.")], asking);
    const events = await bench.ask("What does a.txt say?");
    expect(messages(events)).toMatchObject([
      { role: "user" },
      { role: "assistant", text: "Let me read the file:", calls: [{ name: "read_file" }] },
      { role: "tool", status: "ok" },
      { role: "assistant", text: "Alpha." },
    ]);
    const [first, check, forced] = bench.model.requests;
    expect(check).toMatchObject({ toolChoice: "none", maxTokens: 16, sampling: { temperature: 0 } });
    expect(check?.outputSchema?.properties?.["next"]?.enum).toEqual(["call", "final"]);
    expect(check?.messages.slice(0, first?.messages.length)).toEqual(first?.messages);
    expect(forced).toMatchObject({ toolChoice: "required", messages: first?.messages });
  });

  test.each([
    ["says that it was final", say('{"next":"final"}')],
    ["says something else", say("Well, let me see")],
    ["fails", fail("out of memory")],
  ])("is the answer, when the model %s", async (_, answer) => {
    await using bench = await turnBench([announcement, answer], asking);
    const events = await bench.ask("Go");
    expect(messages(events).map((message) => message.text)).toEqual(["Go", "Let me read the file:"]);
    expect(ends(events)).toMatchObject([{ reason: "done" }]);
  });

  test.each([
    ["the forced reply has none either", [announcement]],
    ["another call is announced later", [readA, announcement]],
  ])("is asked about once a turn, and never in a circle: %s", async (_, then) => {
    await using bench = await turnBench([announcement, say('{"next":"call"}'), ...then], asking);
    const events = await bench.ask("Go");
    expect(bench.model.requests).toHaveLength(2 + then.length);
    expect(ends(events)).toMatchObject([{ reason: "done" }]);
  });

  test("is not asked about when the profile does not say so", async () => {
    await using bench = await turnBench([announcement]);
    expect(ends(await bench.ask("Go"))).toMatchObject([{ reason: "done" }]);
  });

  test("counts the tokens of the question", async () => {
    await using bench = await turnBench([announcement, say('{"next":"final"}')], asking);
    const events = await bench.ask("Go");
    expect(ends(events)[0]?.usage.promptTokens).toBeGreaterThan(ofType(events, "step-end")[0]?.usage.promptTokens ?? 0);
  });
});
