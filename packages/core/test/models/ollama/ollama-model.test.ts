import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { describe, expect, test } from "vitest";

import { createOllamaModel, type OllamaModelOptions } from "../../../src/models/ollama/index.ts";
import type { ModelRequest } from "../../../src/ports/model.ts";
import type { ModelEvent } from "../../../src/protocol/model-events.ts";
import {
  callTool,
  fail,
  type FakeOllamaOptions,
  type FakeOllamaServer,
  fakeOllamaServer,
  say,
  saySlowly,
  think,
} from "../../../src/testing/index.ts";
import { describeModelPort, suiteTools } from "../../../src/testing/model-port-suite.ts";

const modelAt = (url: string, more: Partial<OllamaModelOptions> = {}) =>
  createOllamaModel({ url, model: "fake", offline: true, allowRemote: false, ...more });

describeModelPort("Ollama", async ({ text, calls = [], slow, fails, contextSize }) => {
  const reply = [
    ...(text === undefined ? [] : [slow === true ? saySlowly(text.repeat(1000), 50) : say(text)]),
    ...calls.map(({ name, args }) => callTool(name, args)),
    ...(fails === true ? [fail("out of memory")] : []),
  ];
  const server = await fakeOllamaServer([reply], { pieceBytes: 3 });
  const port = modelAt(server.url, contextSize === undefined ? {} : { contextSize });
  const dispose = async (): Promise<void> => {
    await port[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  return { port, dispose, sent: () => JSON.stringify(chats(server)) };
});

const never = (): AbortSignal => new AbortController().signal;

const request: ModelRequest = {
  messages: [{ role: "user", text: "Go on." }],
  tools: suiteTools,
  toolChoice: "auto",
  maxTokens: 64,
  sampling: { temperature: 0, topK: 20 },
};

const longRequest: ModelRequest = {
  ...request,
  messages: [{ role: "user", text: "some words of a file ".repeat(1000) }],
};

async function reply(url: string, more: Partial<OllamaModelOptions> = {}, asked = request): Promise<ModelEvent[]> {
  await using model = modelAt(url, more);
  return await Array.fromAsync(model.stream(asked, never()));
}

const withModel = (model: Partial<NonNullable<FakeOllamaOptions["models"]>[number]>): FakeOllamaOptions => ({
  models: [{ name: "fake:latest", ...model }],
});

const chats = (server: FakeOllamaServer) =>
  server.requests.flatMap(({ path, body }) => (path === "/api/chat" ? [body as Record<string, unknown>] : []));

describe("a request to Ollama", () => {
  test("always names the window, and forbids to cut the prompt", async () => {
    await using server = await fakeOllamaServer([say("ok")]);
    await reply(server.url);
    const [load, chat] = chats(server);
    expect(load).toMatchObject({ messages: [], options: { num_ctx: 16_384 } });
    expect(chat).toMatchObject({
      options: { num_ctx: 16_384, num_predict: 64, temperature: 0, top_k: 20 },
      truncate: false,
      shift: false,
    });
    for (const body of [load, chat]) expect(body).not.toHaveProperty("keep_alive");
  });

  test("carries calls and their results in Ollama's own form", async () => {
    await using server = await fakeOllamaServer([say("ok")]);
    const call = { id: "c1", name: "git_status", args: { a: 1 }, raw: "", via: "native" as const, repairs: [] };
    const result = {
      role: "tool",
      callId: "c1",
      name: "git_status",
      status: "ok",
      text: "clean",
      summary: "",
    } as const;
    const messages = [...request.messages, { role: "assistant" as const, text: "", calls: [call] }, result];
    await reply(server.url, {}, { ...request, messages });
    expect(chats(server)[1]?.["messages"]).toEqual([
      { role: "user", content: "Go on." },
      {
        role: "assistant",
        content: "",
        tool_calls: [{ id: "c1", function: { name: "git_status", arguments: { a: 1 } } }],
      },
      { role: "tool", content: "clean", tool_name: "git_status", tool_call_id: "c1" },
    ]);
  });

  test("offers no tool that may not be called", async () => {
    await using server = await fakeOllamaServer([say("ok")]);
    await reply(server.url, {}, { ...request, toolChoice: "none" });
    expect(chats(server).at(-1)).not.toHaveProperty("tools");
  });
});

describe("a reply of Ollama", () => {
  test("keeps thoughts apart from the text, and tells its speed and what it used", async () => {
    await using server = await fakeOllamaServer([[think("Hm."), say("Yes, it is.")]]);
    const events = await reply(server.url);
    expect(events.map(({ type }) => type)).toEqual([
      "thought-delta",
      "text-delta",
      "text-delta",
      "text-delta",
      "finish",
    ]);
    expect(events.at(-1)).toMatchObject({ reason: "stop", tokensPerSecond: 1000, usage: { outputTokens: 4 } });
  });

  test("may call several tools, each with an id of its own", async () => {
    await using server = await fakeOllamaServer([[callTool("read_file", { path: "a" }), callTool("git_status", {})]]);
    const ends = (await reply(server.url)).flatMap((event) => (event.type === "call-end" ? [event.call] : []));
    expect(ends).toMatchObject([
      { name: "read_file", args: { path: "a" } },
      { name: "git_status", args: {} },
    ]);
    expect(new Set(ends.map(({ id }) => id)).size).toBe(2);
  });

  test("with a call that is none says what is wrong with it", async () => {
    const calls = [{ function: { name: "read_file", arguments: "[1]" } }, { function: { arguments: {} } }, {}];
    await using server = await fakeOllamaServer([], {
      answer: (response) => {
        response.write(`${JSON.stringify({ message: { content: "", tool_calls: calls }, done: false })}\n`);
        response.end(`${JSON.stringify({ done: true, done_reason: "stop" })}\n`);
      },
    });
    const invalid = (await reply(server.url)).filter(({ type }) => type === "call-invalid");
    expect(invalid).toMatchObject([
      { errors: ["arguments must be a JSON object"] },
      { errors: ["the call has no name"] },
      { errors: ["the call has no name"] },
    ]);
  });

  test("that reaches the length limit says so", async () => {
    await using server = await fakeOllamaServer([], {
      answer: (response) => {
        response.end(`${JSON.stringify({ message: { content: "Hel" }, done: true, done_reason: "length" })}\n`);
      },
    });
    expect((await reply(server.url)).at(-1)).toMatchObject({ type: "finish", reason: "length" });
  });
});

describe("the window of an Ollama model", () => {
  test.each([
    ["what the person set", {}, { contextSize: 2048 }, 2048],
    ["the usual one", {}, {}, 16_384],
    ["no more than it was trained for", { contextLength: 8192 }, {}, 8192],
    ["what its own file sets", { parameters: 'stop "<|im_end|>"\nnum_ctx                        9000' }, {}, 9000],
  ])("is %s", async (_, shown, options, expected) => {
    await using server = await fakeOllamaServer([], withModel(shown));
    await using model = modelAt(server.url, options);
    expect(await model.describe(never())).toMatchObject({ contextSize: expected, local: true, notes: [] });
  });

  test("that the person set too large is lowered, and that is said", async () => {
    await using server = await fakeOllamaServer([], withModel({ contextLength: 2048 }));
    await using model = modelAt(server.url, { contextSize: 50_000 });
    const { contextSize, notes } = await model.describe(never());
    expect(contextSize).toBe(2048);
    expect(notes).toEqual(["fake was trained for 2,048 tokens: that is its window, not 50,000"]);
  });

  test("is the one that the server really gives, and the difference is said", async () => {
    await using server = await fakeOllamaServer([], { secretWindow: 4096 });
    await using model = modelAt(server.url);
    const { contextSize, notes } = await model.describe(never());
    expect(contextSize).toBe(4096);
    expect(notes).toEqual(["Ollama gives fake a window of 4,096 tokens, not 16,384"]);
  });

  test("too small for a prompt is an error with the numbers", async () => {
    await using server = await fakeOllamaServer([say("ok")]);
    const last = (await reply(server.url, { contextSize: 1024 }, longRequest)).at(-1);
    expect(last).toMatchObject({ reason: "error", error: { code: "CONTEXT_FULL" } });
    expect(last).toMatchObject({ error: { message: expect.stringMatching(/about 7,\d+ tokens .* 1,024/) as unknown } });
  });

  test("that cut the prompt in silence makes the reply an error", async () => {
    await using server = await fakeOllamaServer([callTool("git_status", {})], { secretWindow: 2048 });
    const events = await reply(server.url, {}, longRequest);
    expect(events.at(-1)).toMatchObject({
      type: "finish",
      reason: "error",
      error: { code: "CONTEXT_FULL", message: expect.stringMatching(/read 2,048 of about 7,\d+ tokens/) as unknown },
    });
  });

  test("holds texts whose tokens are far longer than usual, without a false alarm", async () => {
    await using server = await fakeOllamaServer([], {
      answer: (response) => {
        response.end(`${JSON.stringify({ done: true, done_reason: "stop", prompt_eval_count: 900 })}\n`);
      },
    });
    expect((await reply(server.url, {}, longRequest)).at(-1)).toMatchObject({ reason: "stop" });
  });
});

describe("a model that Ollama has", () => {
  test("but that runs elsewhere is not local, is refused offline, and is not loaded here", async () => {
    await using server = await fakeOllamaServer([], withModel({ remoteHost: "https://ollama.com:443" }));
    await using online = modelAt(server.url, { offline: false });
    const { local, notes } = await online.describe(never());
    expect({ local, notes }).toEqual({
      local: false,
      notes: ["fake runs at https://ollama.com:443: text leaves this machine"],
    });
    expect(chats(server)).toEqual([]);
    await using offline = modelAt(server.url);
    await expect(offline.describe(never())).rejects.toMatchObject({ code: "OFFLINE" });
    expect(await reply(server.url)).toMatchObject([{ reason: "error", error: { code: "OFFLINE" } }]);
  });

  test("not is named, with the command that gets it", async () => {
    await using server = await fakeOllamaServer([]);
    const error = { code: "MODEL_MISSING", hint: "ollama pull qwen3:8b" };
    expect(await reply(server.url, { model: "qwen3:8b" })).toMatchObject([{ type: "finish", reason: "error", error }]);
    await using model = modelAt(server.url, { model: "qwen3:8b" });
    await expect(model.describe(never())).rejects.toMatchObject(error);
  });
});

describe("an Ollama server", () => {
  test("that is not running is named, with what to do", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => closed.once("listening", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const url = `http://127.0.0.1:${port}`;
    const error = {
      code: "MODEL_UNREACHABLE",
      message: `no Ollama answers at 127.0.0.1:${port}: the connection was refused`,
      hint: "ollama serve",
    };
    expect((await reply(url)).at(-1)).toMatchObject({ type: "finish", reason: "error", error });
    await using model = modelAt(url);
    await expect(model.describe(never())).rejects.toMatchObject(error);
  });

  test("on another machine is refused offline, and unless the person named it", () => {
    const create = (offline: boolean, allowRemote: boolean) => () =>
      modelAt("http://gpu.example:11434", { offline, allowRemote });
    expect(create(true, true)).toThrow(expect.objectContaining({ code: "OFFLINE" }) as Error);
    expect(create(false, false)).toThrow(expect.objectContaining({ code: "REFUSED" }) as Error);
    expect(create(false, true)).not.toThrow();
  });

  test("hears of an abort at once", async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await fakeOllamaServer([], {
      answer: (response) => {
        response.on("close", () => closed.resolve());
        response.write(`${JSON.stringify({ message: { content: "Hello" }, done: false })}\n`);
      },
    });
    await using model = modelAt(server.url);
    const controller = new AbortController();
    for await (const event of model.stream(request, controller.signal)) {
      if (event.type === "text-delta") controller.abort();
    }
    await closed.promise;
  });
});
