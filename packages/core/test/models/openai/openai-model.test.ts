import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { describe, expect, test } from "vitest";

import { createOpenAiModel, type OpenAiModelOptions } from "../../../src/models/openai/index.ts";
import type { ModelRequest } from "../../../src/ports/model.ts";
import type { ModelEvent } from "../../../src/protocol/model-events.ts";
import {
  callTool,
  fail,
  type FakeOpenAiServer,
  fakeOpenAiServer,
  type FakeServerOptions,
  say,
  saySlowly,
  think,
  wait,
} from "../../../src/testing/index.ts";
import { describeModelPort, suiteTools } from "../../../src/testing/model-port-suite.ts";

const localModel = (baseUrl: string, more: Partial<OpenAiModelOptions> = {}) =>
  createOpenAiModel({ baseUrl, offline: true, allowRemote: false, ...more });

describe.each(["chat", "responses"] as const)("over the API %s", (api) => {
  describeModelPort("OpenAI-compatible", async ({ text, calls = [], slow, fails, contextSize }) => {
    const reply = [
      ...(text === undefined ? [] : [slow === true ? saySlowly(text.repeat(1000), 50) : say(text)]),
      ...calls.map(({ name, args }) => callTool(name, args)),
      ...(fails === true ? [fail("out of memory")] : []),
    ];
    const window = contextSize === undefined ? {} : { contextSize };
    const server = await fakeOpenAiServer([reply], { pieceBytes: 3, apis: [api], ...window });
    const port = localModel(server.url);
    const dispose = async (): Promise<void> => {
      await port[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    };
    return { port, dispose, sent: () => server.requests.map(({ body }) => wireText(body)).join("\n") };
  });
});

/** All strings of a request, as a server puts them into its prompt. */
function wireText(body: unknown): string {
  if (typeof body === "string") return body;
  return typeof body === "object" && body !== null ? Object.values(body).map(wireText).join("\n") : "";
}

const never = (): AbortSignal => new AbortController().signal;

const request: ModelRequest = {
  messages: [{ role: "user", text: "Go on." }],
  tools: suiteTools,
  toolChoice: "auto",
  maxTokens: 64,
  sampling: { temperature: 0, topK: 20 },
};

async function reply(url: string, more: Partial<OpenAiModelOptions> = {}, asked = request): Promise<ModelEvent[]> {
  await using model = localModel(url, more);
  return await Array.fromAsync(model.stream(asked, never()));
}

/** A server that answers each chat request with these chunks as they are, and then closes. */
const serverSaying = (chunks: readonly unknown[], options: FakeServerOptions = {}): Promise<FakeOpenAiServer> =>
  fakeOpenAiServer([], {
    ...options,
    answer: (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const chunk of chunks) {
        response.write(`data: ${typeof chunk === "string" ? chunk : JSON.stringify(chunk)}\n\n`);
      }
      response.end();
    },
  });

const serverRefusing = (status: number, body: unknown, headers = {}): Promise<FakeOpenAiServer> =>
  fakeOpenAiServer([], {
    answer: (response) => {
      response.writeHead(status, headers);
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    },
  });

const delta = (tool_calls: unknown[], finish_reason: string | null = null): unknown => ({
  choices: [{ delta: { tool_calls }, finish_reason }],
});

const outcomes = (events: readonly ModelEvent[]) =>
  events.filter(({ type }) => type === "call-end" || type === "call-invalid");

describe("what is asked of the server", () => {
  test("is the conversation with its calls and results, the tools and the limits", async () => {
    await using server = await fakeOpenAiServer([say("ok")]);
    const call = { id: "c1", name: "git_status", args: {}, raw: "", via: "native" as const, repairs: [] };
    const messages: ModelRequest["messages"] = [
      ...request.messages,
      { role: "assistant", text: "", calls: [call] },
      { role: "tool", callId: "c1", name: "git_status", status: "ok", text: "clean", summary: "clean" },
    ];
    await reply(server.url, { apiKey: "secret", model: "m" }, { ...request, messages });
    expect(server.requests).toMatchObject([
      {
        path: "/v1/chat/completions",
        authorization: "Bearer secret",
        body: {
          model: "m",
          stream: true,
          stream_options: { include_usage: true },
          max_tokens: 64,
          temperature: 0,
          top_k: 20,
          tool_choice: "auto",
          tools: [{ type: "function", function: { name: "read_file" } }, { function: { name: "git_status" } }],
          messages: [
            { role: "user", content: "Go on." },
            { role: "assistant", tool_calls: [{ id: "c1", function: { name: "git_status", arguments: "{}" } }] },
            { role: "tool", tool_call_id: "c1", content: "clean" },
          ],
        },
      },
    ]);
  });

  test("goes to the first listed model when none is named, and works without /v1 in the address", async () => {
    await using server = await fakeOpenAiServer([say("ok")], { models: [{ id: "first" }, { id: "second" }] });
    await reply(server.url.replace("/v1", "/"));
    expect(server.requests.at(-1)?.body).toMatchObject({ model: "first" });
  });
});

describe("a streamed reply", () => {
  test("tells thoughts from text", async () => {
    await using server = await fakeOpenAiServer([[think("hm"), say("Yes.")]]);
    const events = await reply(server.url);
    expect(events.slice(0, 2)).toEqual([
      { type: "thought-delta", delta: "hm" },
      { type: "text-delta", delta: "Yes." },
    ]);
    expect(events.at(-1)).toMatchObject({ reason: "stop", usage: { promptTokens: 42, outputTokens: 2 } });
  });

  test("may leave out its usage, which is then estimated", async () => {
    await using server = await fakeOpenAiServer([say("Yes.")], { hidesUsage: true });
    const [finish] = (await reply(server.url)).filter((event) => event.type === "finish");
    expect(finish?.usage.promptTokens).toBeGreaterThan(10);
    expect(finish?.usage.outputTokens).toBeGreaterThan(0);
  });

  test("may repeat or leave empty the names and ids of calls", async () => {
    await using server = await serverSaying([
      delta([{ index: 0, id: "x", function: { name: "", arguments: "" } }]),
      delta([{ index: 0, id: "x", function: { name: "read_file", arguments: '{"path"' } }]),
      delta([{ index: 0, id: "", function: { name: "read_file", arguments: ': "a"}' } }]),
      delta([{ index: 1, function: { name: "git_status" } }], "tool_calls"),
      "[DONE]",
    ]);
    const events = await reply(server.url);
    expect(outcomes(events)).toMatchObject([
      { call: { id: "x", name: "read_file", args: { path: "a" }, raw: '{"path": "a"}' } },
      { call: { name: "git_status", args: {} } },
    ]);
    expect(events.filter(({ type }) => type === "call-start")).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ type: "finish", reason: "calls" });
  });

  test("may give several calls under one index, told apart by their ids", async () => {
    await using server = await serverSaying([
      delta([{ index: 0, id: "a", function: { name: "read_file", arguments: { path: "1" } } }]),
      delta([{ index: 0, id: "b", function: { name: "read_file", arguments: { path: "2" } } }], "stop"),
    ]);
    const calls = outcomes(await reply(server.url));
    expect(calls).toMatchObject([
      { call: { id: "a", args: { path: "1" } } },
      { call: { id: "b", args: { path: "2" } } },
    ]);
  });

  test("never gives a call an id that the conversation already has", async () => {
    await using server = await fakeOpenAiServer([callTool("git_status", {}, "c1")]);
    const call = { id: "c1", name: "git_status", args: {}, raw: "", via: "native" as const, repairs: [] };
    const messages = [...request.messages, { role: "assistant" as const, text: "", calls: [call] }];
    const [outcome] = outcomes(await reply(server.url, {}, { ...request, messages }));
    expect(outcome).toMatchObject({ type: "call-end", call: { id: expect.not.stringMatching(/^c1$/) as unknown } });
  });

  test("with broken arguments is an invalid call that says what is wrong", async () => {
    await using server = await serverSaying([
      delta([{ index: 0, id: "x", function: { name: "read_file", arguments: '{"path": ' } }], "tool_calls"),
    ]);
    expect(outcomes(await reply(server.url))).toEqual([
      { type: "call-invalid", id: "x", raw: '{"path": ', errors: [expect.stringContaining("JSON")], truncated: false },
    ]);
  });

  test("that reaches the length limit truncates its last call, however complete it looks", async () => {
    await using server = await serverSaying([
      delta([{ index: 0, id: "x", function: { name: "read_file", arguments: '{"path": "a"}' } }]),
      delta([{ index: 1, id: "y", function: { name: "git_status", arguments: "" } }], "length"),
    ]);
    const events = await reply(server.url);
    expect(outcomes(events)).toMatchObject([{ type: "call-end" }, { type: "call-invalid", id: "y", truncated: true }]);
    expect(events.at(-1)).toMatchObject({ reason: "length" });
  });

  test("that breaks off ends with an error, and its open call is truncated", async () => {
    await using server = await fakeOpenAiServer([], {
      answer: (response) => {
        response.writeHead(200);
        const open = delta([{ index: 0, id: "x", function: { name: "read_file", arguments: '{"path": "a"}' } }]);
        response.write(`data: ${JSON.stringify(open)}\n\n`, () => response.destroy());
      },
    });
    const events = await reply(server.url);
    expect(outcomes(events)).toMatchObject([{ type: "call-invalid", truncated: true }]);
    expect(events.at(-1)).toMatchObject({ type: "finish", reason: "error", error: { code: "MODEL_LOST" } });
  });

  test("that ends without saying so is an error too", async () => {
    await using server = await serverSaying([{ choices: [{ delta: { content: "Hel" } }] }]);
    expect((await reply(server.url)).at(-1)).toMatchObject({
      reason: "error",
      error: { message: expect.stringContaining("middle of its reply") as unknown },
    });
  });

  test("from a server that falls silent ends with an error", async () => {
    await using server = await fakeOpenAiServer([[say("Hello"), wait()]]);
    expect((await reply(server.url, { silenceSeconds: 0.2 })).at(-1)).toMatchObject({
      reason: "error",
      error: { code: "MODEL_UNREACHABLE", message: expect.stringContaining("said nothing for 0.2 s") as unknown },
    });
  });

  test("may take as long as it likes while something still comes", async () => {
    await using server = await fakeOpenAiServer([saySlowly("word ".repeat(13), 100)]);
    expect((await reply(server.url, { silenceSeconds: 1 })).at(-1)).toMatchObject({ type: "finish", reason: "stop" });
  });
});

describe("a server that cannot answer", () => {
  test.each([
    [400, { error: { message: "bad grammar" } }, "MODEL_FAILED", "bad grammar"],
    [400, { error: { message: "exceeds the available context size" } }, "CONTEXT_FULL", "does not fit"],
    [404, { error: "model 'x' not found" }, "MODEL_MISSING", "not found"],
    [401, { detail: "no key" }, "MODEL_FAILED", "refused access"],
    [503, "Loading model", "MODEL_LOST", "Loading model"],
  ])("with status %i is reported in its own words", async (status, body, code, words) => {
    await using server = await serverRefusing(status, body);
    const message = expect.stringContaining(words) as unknown;
    expect((await reply(server.url)).at(-1)).toMatchObject({
      type: "finish",
      reason: "error",
      error: { code, message },
    });
  });

  test("is not followed elsewhere, so that the key stays with it", async () => {
    await using other = await fakeOpenAiServer([say("ok")]);
    await using server = await serverRefusing(307, "", { location: `${other.url}/chat/completions` });
    const last = (await reply(server.url, { apiKey: "secret" })).at(-1);
    expect(last).toMatchObject({ error: { message: expect.stringContaining("redirects") as unknown } });
    expect(other.requests).toEqual([]);
  });

  test("because it is not running is named, with what to do", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => closed.once("listening", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const url = `http://127.0.0.1:${port}`;
    const error = { code: "MODEL_UNREACHABLE", hint: expect.stringContaining("start the server") as unknown };
    expect((await reply(url)).at(-1)).toMatchObject({ type: "finish", reason: "error", error });
    await expect(localModel(url).describe(never())).rejects.toMatchObject(error);
  });
});

describe("a server's address", () => {
  const create = (baseUrl: string, offline: boolean, allowRemote: boolean) => () =>
    createOpenAiModel({ baseUrl, offline, allowRemote });

  test("on another machine is refused offline, and unless the person named it", () => {
    expect(create("https://models.example/v1", true, true)).toThrow(
      expect.objectContaining({ code: "OFFLINE" }) as Error,
    );
    expect(create("https://models.example/v1", false, false)).toThrow(
      expect.objectContaining({ code: "REFUSED" }) as Error,
    );
    expect(create("http://127.0.0.1.models.example", false, false)).toThrow(/not on this machine/);
    expect(create("https://models.example/v1", false, true)).not.toThrow();
  });

  test("on this machine is always admitted", () => {
    for (const host of ["localhost", "127.0.0.1:8080", "127.9.9.9", "[::1]:1"]) {
      expect(create(`http://${host}`, true, false)).not.toThrow();
    }
  });

  test("must be one", () => {
    expect(create("ftp://localhost", false, true)).toThrow(expect.objectContaining({ code: "USAGE" }) as Error);
    expect(create("llama", false, true)).toThrow(/not the address/);
  });
});

describe("a model's description and token counts", () => {
  test.each([
    [{ id: "m", meta: { n_ctx: 4096 } }, 4096],
    [{ id: "m", max_model_len: 32_768 }, 32_768],
    [{ id: "m", context_length: 1000 }, 1000],
    [{ id: "m" }, 8192],
  ])("%j has a context of %i tokens", async (listed, contextSize) => {
    await using server = await fakeOpenAiServer([], { models: [listed] });
    await using model = localModel(server.url);
    expect(await model.describe(never())).toEqual({ id: "m", name: "m", contextSize, local: true });
  });

  test("a context size that the person set wins", async () => {
    await using server = await fakeOpenAiServer([], { models: [{ id: "m", max_model_len: 32_768 }] });
    await using model = localModel(server.url, { contextSize: 2048 });
    expect((await model.describe(never())).contextSize).toBe(2048);
  });

  test("tokens are counted by a server that can, after one probe", async () => {
    await using server = await fakeOpenAiServer([], { canTokenize: true });
    await using model = localModel(server.url);
    const prompt = { messages: [{ role: "user" as const, text: "one two three" }], tools: [] };
    expect([await model.countTokens(prompt, never()), await model.countTokens(prompt, never())]).toEqual([11, 11]);
    expect(server.requests.filter(({ path }) => path === "/tokenize")).toHaveLength(3);
  });

  test("otherwise the estimate is corrected by what the server counted", async () => {
    await using server = await fakeOpenAiServer([say("ok")]);
    await using model = localModel(server.url);
    const before = await model.countTokens(request, never());
    await Array.fromAsync(model.stream(request, never()));
    const after = await model.countTokens(request, never());
    expect(before).toBeGreaterThan(60);
    expect(after).toBe(Math.ceil(42 * 1.05));
  });
});
