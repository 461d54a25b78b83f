import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { createOllamaModel, type OllamaModelOptions } from "../../../src/models/ollama/index.ts";
import type { ModelPort, ModelRequest } from "../../../src/ports/model.ts";
import type { ModelEvent } from "../../../src/protocol/model-events.ts";
import {
  callTool,
  type FakeOllamaModel,
  type FakeOllamaServer,
  fakeOllamaServer,
  say,
  scriptedGguf,
  temporaryWorkspace,
} from "../../../src/testing/index.ts";
import { suiteTools } from "../../../src/testing/model-port-suite.ts";

const never = (): AbortSignal => new AbortController().signal;

const modelAt = (url: string, more: Partial<OllamaModelOptions> = {}): ModelPort =>
  createOllamaModel({ url, model: "fake", offline: true, allowRemote: false, ...more });

const request: ModelRequest = {
  messages: [
    { role: "system", text: "You help." },
    { role: "user", text: "Go on." },
  ],
  tools: suiteTools,
  toolChoice: "auto",
  maxTokens: 64,
  sampling: { temperature: 0 },
};

const ask = (port: ModelPort, more: Partial<ModelRequest> = {}): Promise<ModelEvent[]> =>
  Array.fromAsync(port.stream({ ...request, ...more }, never()));

const textOf = (events: readonly ModelEvent[]): string =>
  events.flatMap((event) => (event.type === "text-delta" ? [event.delta] : [])).join("");

const callsOf = (events: readonly ModelEvent[]) =>
  events.flatMap((event) => (event.type === "call-end" ? [event.call] : []));

/** Bodies of requests for a reply. */
const asked = (server: FakeOllamaServer): Record<string, unknown>[] =>
  server.requests
    .filter(({ path }) => path === "/api/chat" || path === "/api/generate")
    .map(({ path, body }): Record<string, unknown> => ({ ...(body as object), path }))
    .filter((body) => body["truncate"] === false);

const withoutTools = (more: Partial<FakeOllamaModel> = {}) => ({
  models: [{ name: "fake:latest", capabilities: ["completion"], ...more }],
});

const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] } as const;
const tags = "<tool_call>\n<function=read_file>\n<parameter=path>\na.ts\n</parameter>\n</function>\n</tool_call>";

const earlier: ModelRequest["messages"] = [
  ...request.messages,
  {
    role: "assistant",
    text: "",
    calls: [{ id: "c1", name: "git_status", args: {}, raw: "{}", via: "native", repairs: [] }],
  },
  { role: "tool", callId: "c1", name: "git_status", status: "ok", text: "clean", summary: "" },
];

describe("a call that is asked for", () => {
  test("is the whole reply, bound to the tools' schemas", async () => {
    await using server = await fakeOllamaServer([say("I would rather talk.")]);
    await using port = modelAt(server.url);
    const events = await ask(port, { toolChoice: "required" });
    expect(callsOf(events)).toMatchObject([{ name: "read_file", args: { path: "a" }, via: "forced" }]);
    expect(events.at(-1)).toMatchObject({ reason: "calls" });
    const [body] = asked(server);
    expect(body).not.toHaveProperty("tools");
    expect(body).toMatchObject({
      format: {
        anyOf: [
          { properties: { name: { const: "read_file" }, arguments: { required: ["path"] } } },
          { properties: { name: { const: "git_status" } } },
        ],
      },
    });
    expect(JSON.stringify(body?.["messages"])).toContain("Read a file");
  });

  test("by name is bound to that tool alone", async () => {
    await using server = await fakeOllamaServer([say("no")]);
    await using port = modelAt(server.url);
    expect(callsOf(await ask(port, { toolChoice: { name: "git_status" } }))).toMatchObject([{ name: "git_status" }]);
    expect(asked(server)[0]).toMatchObject({ format: { properties: { name: { const: "git_status" } } } });
  });

  test("leaves no room for a thought, where the model can do without", async () => {
    const models = [{ name: "fake:latest", capabilities: ["completion", "tools", "thinking"] }];
    await using server = await fakeOllamaServer([say("no")], { models });
    await using port = modelAt(server.url);
    await ask(port, { toolChoice: "required" });
    await ask(port);
    expect(asked(server).map((body) => body["think"])).toEqual([false, undefined]);
  });

  test("that is cut off is not executed, however whole it looks", async () => {
    await using server = await fakeOllamaServer([], {
      answer: (response) => {
        const half = { message: { content: '{"name": "read_file", "arguments": {"path": "a' }, done: false };
        response.end(`${JSON.stringify(half)}\n${JSON.stringify({ done: true, done_reason: "length" })}\n`);
      },
    });
    await using port = modelAt(server.url);
    const events = await ask(port, { toolChoice: "required" });
    expect(events).toMatchObject([{ type: "call-invalid", truncated: true }, { reason: "length" }]);
  });

  test("is bound by a plainer schema where the server cannot take the tools' own, from then on", async () => {
    await using server = await fakeOllamaServer([say("no")], {
      refusesFormat: (format) =>
        JSON.stringify(format).includes("anyOf") ? "invalid JSON schema in format" : undefined,
    });
    await using port = modelAt(server.url);
    expect(callsOf(await ask(port, { toolChoice: "required" }))).toMatchObject([{ name: "read_file" }]);
    await ask(port, { toolChoice: "required" });
    expect(asked(server)).toHaveLength(3);
  });
});

describe("a reply bound to a schema", () => {
  test("is asked for by its schema when no tool may be called, and in words otherwise", async () => {
    await using server = await fakeOllamaServer([say("no")]);
    await using port = modelAt(server.url);
    expect(textOf(await ask(port, { toolChoice: "none", outputSchema: schema }))).toBe('{"ok":true}');
    await ask(port, { outputSchema: schema });
    const [bound, free] = asked(server);
    expect(bound).toMatchObject({ format: schema });
    expect(free).not.toHaveProperty("format");
    expect(JSON.stringify(free?.["messages"])).toContain("fits this JSON Schema");
  });

  test("is JSON at least where the server cannot take the schema", async () => {
    await using server = await fakeOllamaServer([say("no")], {
      refusesFormat: (format) =>
        format === "json" ? undefined : "failed to load model vocabulary required for format",
    });
    await using port = modelAt(server.url);
    expect(textOf(await ask(port, { tools: [], outputSchema: schema }))).toBe("{}");
  });
});

describe("a call that Ollama left in the text", () => {
  test("is one where it fits a tool", async () => {
    await using server = await fakeOllamaServer([
      say('<tool_call>\n{"name": "read_file", "arguments": {"path": "a.ts"}}\n</tool_call>'),
    ]);
    await using port = modelAt(server.url);
    const events = await ask(port);
    expect(callsOf(events)).toMatchObject([{ name: "read_file", via: "leak" }]);
    expect(events.at(-1)).toMatchObject({ reason: "calls" });
  });
});

describe("a model whose template in Ollama knows no tools", () => {
  test("is told of them in plain messages, and its calls are read from its text", async () => {
    await using server = await fakeOllamaServer([[say("Let me look.\n"), say(tags)]], withoutTools());
    await using port = modelAt(server.url);
    const { notes } = await port.describe(never());
    expect(notes).toEqual(["Ollama has no way to give fake tools: its calls are read from its text"]);
    const events = await ask(port, { messages: earlier });
    expect(callsOf(events)).toMatchObject([{ name: "read_file", args: { path: "a.ts" } }]);
    const [body] = asked(server);
    expect(body).toMatchObject({ path: "/api/chat" });
    expect(body).not.toHaveProperty("tools");
    const messages = body?.["messages"] as { role: string; content: string }[];
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect(messages[0]?.content).toContain("Read a file");
    expect(messages[2]?.content).toContain("<function=git_status>");
  });

  test("is asked by its own chat template where that can be read, and never in Ollama's", async () => {
    await using folder = await temporaryWorkspace();
    const weights = join(folder.path, "blob");
    await scriptedGguf(weights, { replies: { first: ["Hi."] } });
    await using server = await fakeOllamaServer(
      [say('<tool_call>\n{"name": "read_file", "arguments": {"path": "a.ts"}}\n</tool_call>')],
      withoutTools({ weights }),
    );
    const entry = {
      path: join(import.meta.dirname, "../../../src/models/templates/worker.ts"),
      execArgv: ["--conditions=@trust-cli/source"],
    };
    await using port = modelAt(server.url, { templates: { entry } });
    const messages: ModelRequest["messages"] = [{ role: "user", text: "Fix <|im_end|> here." }];
    expect(callsOf(await ask(port, { messages }))).toMatchObject([{ name: "read_file", args: { path: "a.ts" } }]);
    const [body] = asked(server);
    expect(body).toMatchObject({
      path: "/api/generate",
      raw: true,
      truncate: false,
      shift: false,
      options: { num_ctx: 16_384, num_predict: 64 },
      prompt: expect.stringMatching(
        /<\|im_start\|>user\nFix <¦\|im_end\|> here\.<\|im_end\|>\n<\|im_start\|>assistant\n$/,
      ) as unknown,
    });
    expect(body?.["prompt"]).toContain("read_file");
  });
});

describe("a simpler way of writing calls", () => {
  test("is plain tags, and there is none beyond it", async () => {
    await using server = await fakeOllamaServer([say(tags)]);
    await using port = modelAt(server.url);
    expect(port.downgrade?.()).toBeUndefined();
    await port.describe(never());
    expect(port.downgrade?.()).toEqual({ from: "Ollama's own calls", to: "plain tags" });
    expect(callsOf(await ask(port))).toMatchObject([{ name: "read_file" }]);
    expect(asked(server)[0]).not.toHaveProperty("tools");
    expect(port.downgrade?.()).toBeUndefined();
  });
});

describe("control tokens in content", () => {
  test("are sent escaped, said once, and come back in arguments as they were", async () => {
    await using server = await fakeOllamaServer([callTool("read_file", { path: "<¦|im_end|>.md" })]);
    await using port = modelAt(server.url);
    const messages: ModelRequest["messages"] = [{ role: "user", text: "Fix <|im_end|>." }];
    const events = await ask(port, { messages });
    expect(JSON.stringify(asked(server))).not.toContain("<|im_end|>");
    expect(events[0]).toMatchObject({ type: "notice", text: expect.stringContaining("<¦|im_end|>") as unknown });
    expect(callsOf(events)).toMatchObject([{ args: { path: "<|im_end|>.md" } }]);
    expect((await ask(port, { messages })).filter(({ type }) => type === "notice")).toEqual([]);
  });
});
