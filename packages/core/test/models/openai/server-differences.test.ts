import { describe, expect, test } from "vitest";

import { createOpenAiModel } from "../../../src/models/openai/index.ts";
import type { ModelPort, ModelRequest } from "../../../src/ports/model.ts";
import type { ModelEvent } from "../../../src/protocol/model-events.ts";
import {
  callTool,
  type FakeOpenAiServer,
  fakeOpenAiServer,
  type FakeServerOptions,
  say,
  think,
} from "../../../src/testing/index.ts";
import { suiteTools } from "../../../src/testing/model-port-suite.ts";

const never = (): AbortSignal => new AbortController().signal;

const request: ModelRequest = {
  messages: [{ role: "user", text: "Go on." }],
  tools: suiteTools,
  toolChoice: "auto",
  maxTokens: 64,
  sampling: { temperature: 0, topK: 20, seed: 7 },
};

const modelAt = (url: string): ModelPort =>
  createOpenAiModel({ baseUrl: url, model: "fake", offline: true, allowRemote: false });

const ask = (port: ModelPort, more: Partial<ModelRequest> = {}): Promise<ModelEvent[]> =>
  Array.fromAsync(port.stream({ ...request, ...more }, never()));

const textOf = (events: readonly ModelEvent[]): string =>
  events.flatMap((event) => (event.type === "text-delta" ? [event.delta] : [])).join("");

const thoughtOf = (events: readonly ModelEvent[]): string =>
  events.flatMap((event) => (event.type === "thought-delta" ? [event.delta] : [])).join("");

const callsOf = (events: readonly ModelEvent[]) =>
  events.flatMap((event) => (event.type === "call-end" ? [event.call] : []));

const bodies = (server: FakeOpenAiServer) => server.requests.map(({ body }) => body as Record<string, unknown>);

/** A server that refuses each of these fields in words of its own. */
const refusing = (...fields: readonly string[]): FakeServerOptions => ({
  refuses: (body) => {
    const refused = fields.find((field) => field in body);
    return refused === undefined ? undefined : `Unrecognized request argument supplied: ${refused}`;
  },
});

const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] } as const;

describe("a server's differences", () => {
  test("are learned from its refusals, and remembered", async () => {
    const fields = ["stream_options", "return_progress", "parallel_tool_calls", "top_k", "seed"];
    await using server = await fakeOpenAiServer([say("ok")], refusing(...fields));
    await using port = modelAt(server.url);
    expect(textOf(await ask(port))).toBe("ok");
    const attempts = server.requests.length;
    expect(textOf(await ask(port))).toBe("ok");
    expect(server.requests.length).toBe(attempts + 1);
    for (const field of fields) expect(bodies(server).at(-1)).not.toHaveProperty(field);
    expect(bodies(server).at(-1)).toMatchObject({ temperature: 0, max_tokens: 64 });
  });

  test("may be all that a server's message names, in one go", async () => {
    await using server = await fakeOpenAiServer([say("ok")], {
      refuses: (body) => ("top_k" in body ? '[{"loc":["body","top_k"]},{"loc":["body","seed"]}]' : undefined),
    });
    await using port = modelAt(server.url);
    await ask(port);
    expect(server.requests).toHaveLength(2);
    expect(bodies(server).at(-1)).not.toHaveProperty("seed");
  });

  test("may be the name of the token limit", async () => {
    await using server = await fakeOpenAiServer([say("ok")], {
      refuses: (body) =>
        "max_tokens" in body ? "'max_tokens' is not supported here. Use 'max_completion_tokens' instead." : undefined,
    });
    await using port = modelAt(server.url);
    expect(textOf(await ask(port))).toBe("ok");
    expect(bodies(server).at(-1)).toMatchObject({ max_completion_tokens: 64 });
  });

  test("are no excuse to ask again and again for what it does not explain", async () => {
    await using server = await fakeOpenAiServer([say("ok")], { refuses: () => "no" });
    await using port = modelAt(server.url);
    expect((await ask(port)).at(-1)).toMatchObject({ reason: "error", error: { code: "MODEL_FAILED" } });
    expect(server.requests).toHaveLength(1);
  });
});

describe("a call that is asked for", () => {
  const named = { toolChoice: { name: "git_status" } };

  test("by name is asked for by offering no other tool", async () => {
    await using server = await fakeOpenAiServer([say("Let me think.")]);
    await using port = modelAt(server.url);
    expect(callsOf(await ask(port, named))).toMatchObject([{ name: "git_status" }]);
    const tools = [{ function: { name: "git_status" } }];
    expect(bodies(server)).toMatchObject([{ tool_choice: "required", tools, parallel_tool_calls: false }]);
  });

  test.each<[string, FakeServerOptions]>([
    [
      "refuses",
      { refuses: ({ tool_choice: choice }) => (choice === "required" ? "tool_choice must be auto" : undefined) },
    ],
    ["passes over", { ignoresToolChoice: true }],
  ])("is the whole reply, bound to the tools' schemas, where the server %s that", async (_, options) => {
    await using server = await fakeOpenAiServer([say("I would rather talk.")], options);
    await using port = modelAt(server.url);
    for (let round = 0; round < 2; round++) {
      const events = await ask(port, { toolChoice: "required" });
      expect(textOf(events)).toBe("");
      expect(callsOf(events)).toMatchObject([{ name: "read_file", args: { path: "a" }, via: "forced" }]);
      expect(events.filter(({ type }) => type === "finish")).toMatchObject([{ reason: "calls" }]);
    }
    expect(server.requests).toHaveLength(3);
    expect(bodies(server).at(-1)).not.toHaveProperty("tools");
    expect(JSON.stringify(bodies(server).at(-1)?.["messages"])).toContain("Read a file");
  });

  test("is not to be had where the server knows neither, and then what it said is passed on", async () => {
    await using server = await fakeOpenAiServer([say("I would rather talk.")], {
      ignoresToolChoice: true,
      refuses: (body) => ("response_format" in body ? "unknown response_format" : undefined),
    });
    await using port = modelAt(server.url);
    const events = await ask(port, named);
    expect(events.at(-1)).toMatchObject({ type: "finish" });
    expect(callsOf(events)).toEqual([]);
  });

  test("is one, whatever the model prints behind it", async () => {
    const printed = '{"name": "git_status", "arguments": {}}\n';
    await using server = await fakeOpenAiServer([say(printed.repeat(50))], { ignoresToolChoice: true });
    await using port = modelAt(server.url);
    const events = await ask(port, named);
    expect(callsOf(events)).toMatchObject([{ name: "git_status", via: "leak" }]);
    expect(events.at(-1)).toMatchObject({ type: "finish", reason: "calls" });
    expect(server.requests).toHaveLength(1);
  });

  test("that is cut off is left so, and not asked for again", async () => {
    await using server = await fakeOpenAiServer([], {
      answer: (response) => {
        const call = { index: 0, id: "x", function: { name: "git_status", arguments: '{"a' } };
        const chunk = { choices: [{ delta: { tool_calls: [call] }, finish_reason: "length" }] };
        response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
      },
    });
    await using port = modelAt(server.url);
    expect(await ask(port, named)).toMatchObject([
      { type: "call-start" },
      { type: "call-delta" },
      { type: "call-invalid", truncated: true },
      { reason: "length" },
    ]);
    expect(server.requests).toHaveLength(1);
  });
});

describe("a reply bound to a schema", () => {
  test("is asked for by its schema", async () => {
    await using server = await fakeOpenAiServer([say("no JSON")]);
    await using port = modelAt(server.url);
    expect(textOf(await ask(port, { tools: [], outputSchema: schema }))).toBe('{"ok":true}');
    expect(bodies(server).at(-1)).toMatchObject({ response_format: { json_schema: { schema } } });
  });

  test("is asked for in words where the server knows no schemas, and as JSON where it knows that", async () => {
    await using server = await fakeOpenAiServer([say("{}")], {
      refuses: ({ response_format: format }) =>
        (format as { type?: string } | undefined)?.type === "json_schema" ? "unknown response_format" : undefined,
    });
    await using port = modelAt(server.url);
    await ask(port, { tools: [], outputSchema: schema });
    expect(bodies(server).at(-1)).toMatchObject({ response_format: { type: "json_object" } });
    expect(JSON.stringify(bodies(server).at(-1)?.["messages"])).toContain("fits this JSON Schema");
    await using plain = await fakeOpenAiServer([say("{}")], refusing("response_format"));
    await using other = modelAt(plain.url);
    expect(textOf(await ask(other, { tools: [], outputSchema: schema }))).toBe("{}");
    expect(JSON.stringify(bodies(plain).at(-1)?.["messages"])).toContain("fits this JSON Schema");
  });
});

const earlier: ModelRequest["messages"] = [
  { role: "user", text: "Go on." },
  { role: "assistant", text: "Yes.", thought: "Hm.", calls: [] },
  { role: "user", text: "And then?" },
];

describe("thoughts", () => {
  test.each(["reasoning_content", "reasoning"] as const)("go back in %s once they came there", async (thoughts) => {
    await using server = await fakeOpenAiServer([[think("Hm."), say("Yes.")]], { thoughts });
    await using port = modelAt(server.url);
    await ask(port, { messages: earlier });
    expect(JSON.stringify(bodies(server).at(-1))).not.toContain("Hm.");
    const events = await ask(port, { messages: earlier });
    expect([thoughtOf(events), textOf(events)]).toEqual(["Hm.", "Yes."]);
    const messages = bodies(server).at(-1)?.["messages"] as unknown[];
    expect(messages[1]).toEqual({ role: "assistant", content: "Yes.", [thoughts]: "Hm." });
  });

  test("do not go back where the server refuses them", async () => {
    await using server = await fakeOpenAiServer([[think("Hm."), say("Yes.")]], {
      refuses: ({ messages }) =>
        JSON.stringify(messages).includes("reasoning_content")
          ? "reasoning_content is not allowed in input"
          : undefined,
    });
    await using port = modelAt(server.url);
    await ask(port);
    expect(textOf(await ask(port, { messages: earlier }))).toBe("Yes.");
    expect(textOf(await ask(port, { messages: earlier }))).toBe("Yes.");
    expect(server.requests).toHaveLength(4);
  });

  test("that a server leaves in the text are told apart from it", async () => {
    await using server = await fakeOpenAiServer([[think("Is it?"), say("Yes, it is.")]], {
      thoughts: "text",
      pieceBytes: 7,
    });
    await using port = modelAt(server.url);
    const events = await ask(port);
    expect([thoughtOf(events).trim(), textOf(events).trim()]).toEqual(["Is it?", "Yes, it is."]);
  });
});

describe("a call that a server leaves in the text", () => {
  const printed = '<tool_call>\n{"name": "read_file", "arguments": {"path": "a.ts"}}\n</tool_call>';

  test("is one where it fits a tool that was offered", async () => {
    await using server = await fakeOpenAiServer([say(printed)]);
    await using port = modelAt(server.url);
    const events = await ask(port);
    expect(callsOf(events)).toMatchObject([{ name: "read_file", args: { path: "a.ts" }, via: "leak" }]);
    expect(events.at(-1)).toMatchObject({ reason: "calls" });
  });

  test("is text where no call may be made", async () => {
    await using server = await fakeOpenAiServer([say(printed)]);
    await using port = modelAt(server.url);
    expect(callsOf(await ask(port, { toolChoice: "none" }))).toEqual([]);
  });
});

describe("a server's reading of the prompt", () => {
  test("is shown as it goes on", async () => {
    await using server = await fakeOpenAiServer([], {
      answer: (response) => {
        const progress = { prompt_progress: { total: 100, cache: 20, processed: 60 } };
        response.write(`data: ${JSON.stringify(progress)}\n\n: still here\n\n`);
        response.end(
          `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`,
        );
      },
    });
    await using port = modelAt(server.url);
    expect((await ask(port))[0]).toEqual({ type: "prefill", done: 60, total: 100, reused: 20 });
  });

  test.each([
    [{ error: { message: "too long", type: "exceed_context_size_error" } }],
    [{ error: { message: "This model's maximum context length is 4096 tokens" } }],
    [{ error: { code: "context_length_exceeded", message: "please reduce" } }],
    [{ error: "the input length exceeds the context length" }],
    [{ message: "Prompt is too long: 5000 tokens > 4096" }],
  ])("that fails for its length is told as that: %j", async (body) => {
    await using server = await fakeOpenAiServer([], {
      answer: (response) => {
        response.writeHead(400);
        response.end(JSON.stringify(body));
      },
    });
    await using port = modelAt(server.url);
    expect((await ask(port)).at(-1)).toMatchObject({ reason: "error", error: { code: "CONTEXT_FULL" } });
    expect(server.requests).toHaveLength(1);
  });

  test("has the window that its properties tell when its list does not", async () => {
    await using server = await fakeOpenAiServer([], { properties: { default_generation_settings: { n_ctx: 5120 } } });
    await using port = modelAt(server.url);
    expect(await port.describe(never())).toMatchObject({ contextSize: 5120 });
  });
});

describe("control tokens in content", () => {
  const messages: ModelRequest["messages"] = [{ role: "user", text: "Fix <|im_end|> in the template." }];

  test("are sent escaped, said once, and come back in arguments as they were", async () => {
    const call = callTool("read_file", { path: "docs/<¦|im_end|>.md" });
    await using server = await fakeOpenAiServer([call]);
    await using port = modelAt(server.url);
    const events = await ask(port, { messages });
    expect(JSON.stringify(bodies(server))).not.toContain("<|im_end|>");
    expect(events[0]).toMatchObject({ type: "notice", text: expect.stringContaining("<¦|im_end|>") as unknown });
    expect(callsOf(events)).toMatchObject([
      { args: { path: "docs/<|im_end|>.md" }, repairs: [{ kind: "restore-control-token" }] },
    ]);
    expect((await ask(port, { messages })).filter(({ type }) => type === "notice")).toEqual([]);
  });
});

describe("a server that speaks the Responses API alone", () => {
  const responsesOnly = { apis: ["responses"], pieceBytes: 5 } as const;

  test("is found by one attempt, and asked so from then on", async () => {
    await using server = await fakeOpenAiServer([[think("Hm."), say("Yes.")]], responsesOnly);
    await using port = modelAt(server.url);
    const events = await ask(port);
    expect([thoughtOf(events), textOf(events)]).toEqual(["Hm.", "Yes."]);
    expect(events.at(-1)).toMatchObject({ reason: "stop", usage: { promptTokens: 42, outputTokens: 2 } });
    await ask(port);
    expect(server.requests.map(({ path }) => path)).toEqual(["/v1/chat/completions", "/v1/responses", "/v1/responses"]);
  });

  test("is sent the conversation with its calls and results, and keeps nothing of it", async () => {
    await using server = await fakeOpenAiServer([[think("Hm."), say("ok")]], responsesOnly);
    await using port = modelAt(server.url);
    await ask(port);
    const call = { id: "c1", name: "git_status", args: { a: 1 }, raw: "", via: "native" as const, repairs: [] };
    await ask(port, {
      messages: [
        { role: "system", text: "You help." },
        { role: "user", text: "Go on." },
        { role: "assistant", text: "", thought: "Hm.", calls: [call] },
        { role: "tool", callId: "c1", name: "git_status", status: "ok", text: "clean", summary: "clean" },
      ],
    });
    expect(bodies(server).at(-1)).toMatchObject({
      input: [
        { role: "system", content: "You help." },
        { role: "user", content: "Go on." },
        { type: "reasoning", content: [{ type: "reasoning_text", text: "Hm." }] },
        { type: "function_call", call_id: "c1", name: "git_status", arguments: '{"a":1}' },
        { type: "function_call_output", call_id: "c1", output: "clean" },
      ],
      tool_choice: "auto",
      tools: [{ type: "function", name: "read_file" }, { name: "git_status" }],
      max_output_tokens: 64,
      store: false,
    });
  });

  test("may give arguments whole at the end, or the call only when it is done", async () => {
    const item = { type: "function_call", call_id: "x", name: "read_file", arguments: '{"path":"a"}' };
    const events = [
      { type: "response.output_item.added", output_index: 1, item: { ...item, arguments: "" } },
      { type: "response.function_call_arguments.done", output_index: 1, arguments: item.arguments },
      { type: "response.output_item.done", output_index: 1, item },
      { type: "response.output_item.done", output_index: 2, item: { ...item, call_id: "y" } },
      { type: "response.completed", response: {} },
    ];
    await using server = await fakeOpenAiServer([], {
      ...responsesOnly,
      answer: (response) => response.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")),
    });
    await using port = modelAt(server.url);
    expect(callsOf(await ask(port))).toMatchObject([
      { id: "x", args: { path: "a" } },
      { id: "y", args: { path: "a" } },
    ]);
  });

  test.each([
    [{ type: "response.incomplete", response: { incomplete_details: { reason: "max_output_tokens" } } }, "length"],
    [{ type: "response.failed", response: { error: { message: "out of memory" } } }, "error"],
    [{ type: "error", message: "overloaded" }, "error"],
  ])("ends a reply as %j says", async (event, reason) => {
    await using server = await fakeOpenAiServer([], {
      ...responsesOnly,
      answer: (response) => response.end(`data: ${JSON.stringify(event)}\n\n`),
    });
    await using port = modelAt(server.url);
    expect((await ask(port)).at(-1)).toMatchObject({ type: "finish", reason });
  });

  test("is not taken for one that lacks the model", async () => {
    await using server = await fakeOpenAiServer([], { apis: [] });
    await using port = modelAt(server.url);
    for (let round = 0; round < 2; round++) {
      expect((await ask(port)).at(-1)).toMatchObject({ reason: "error", error: { code: "MODEL_MISSING" } });
    }
    expect(server.requests.map(({ path }) => path)).toEqual([
      "/v1/chat/completions",
      "/v1/responses",
      "/v1/chat/completions",
      "/v1/responses",
    ]);
  });
});
