import type { ServerResponse } from "node:http";

import * as z from "zod";

import { type FakeRequest, sendJson, ServerScript, startFakeServer, write } from "./fake-server.ts";
import { ScriptFailure, type ScriptReply } from "./script.ts";

export interface FakeOllamaModel {
  /** With its tag. */
  name: string;
  sizeBytes?: number;
  /** What it was trained for, in tokens. */
  contextLength?: number;
  capabilities?: readonly string[];
  /** As `PARAMETER` lines of a Modelfile become them: a name, spaces, a value. */
  parameters?: string;
  /** Where it really runs, when that is not here. */
  remoteHost?: string;
}

export interface FakeOllamaOptions {
  /** Default: one named `fake:latest`, of 32,768 tokens, that can call tools. */
  models?: readonly FakeOllamaModel[];
  /** Give no model more than this window, and cut longer prompts silently, whatever was asked. */
  secretWindow?: number;
  /** Send the stream in pieces of this many bytes, however characters and lines are cut. */
  pieceBytes?: number;
  /** Answers chat requests with messages instead of the script. */
  answer?: (response: ServerResponse, body: unknown) => void;
}

export interface FakeOllamaServer extends AsyncDisposable {
  /** Without a path. */
  readonly url: string;
  readonly requests: readonly FakeRequest[];
}

/** A real HTTP server on a free port of this machine that speaks Ollama's API (0.17) and gives these replies in turn. */
export async function fakeOllamaServer(
  replies: readonly ScriptReply[],
  options: FakeOllamaOptions = {},
): Promise<FakeOllamaServer> {
  const ollama = new FakeOllama(replies, options);
  const server = await startFakeServer((request, response) => ollama.answer(request, response));
  return {
    url: server.origin,
    requests: server.requests,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const Asked = z.object({
  model: z.string().default(""),
  messages: z.array(z.unknown()).default([]),
  tools: z.array(z.unknown()).default([]),
  options: z.object({ num_ctx: z.number().default(4096) }).default({ num_ctx: 4096 }),
  truncate: z.boolean().default(true),
  stream: z.boolean().default(true),
});
type Asked = z.infer<typeof Asked>;

const bytesPerToken = 4;
const usual: FakeOllamaModel = { name: "fake:latest" };

class FakeOllama {
  readonly #script: ServerScript;
  readonly #options: FakeOllamaOptions;
  readonly #models: readonly FakeOllamaModel[];
  readonly #windows = new Map<string, number>();

  constructor(replies: readonly ScriptReply[], options: FakeOllamaOptions) {
    this.#script = new ServerScript(replies);
    this.#options = options;
    this.#models = options.models ?? [usual];
  }

  async answer({ method, path, body }: FakeRequest, response: ServerResponse): Promise<void> {
    const route = `${method} ${path}`;
    if (route === "GET /api/tags") return sendJson(response, { models: this.#models.map(listed) });
    if (route === "GET /api/ps") return sendJson(response, { models: this.#running() });
    if (route !== "POST /api/show" && route !== "POST /api/chat") return sendJson(response, "404 page not found", 404);
    const asked = Asked.parse(body);
    const name = asked.model.includes(":") ? asked.model : `${asked.model}:latest`;
    const model = this.#models.find((one) => one.name === name);
    if (model === undefined) return sendJson(response, { error: `model '${asked.model}' not found` }, 404);
    if (path === "/api/show") return sendJson(response, shown(model));
    return this.#chat(model, asked, response);
  }

  #running(): unknown[] {
    return Array.from(this.#windows, ([name, window]) => ({ name, model: name, size: 5e7, context_length: window }));
  }

  async #chat(model: FakeOllamaModel, asked: Asked, response: ServerResponse): Promise<void> {
    const { secretWindow = Number.POSITIVE_INFINITY, answer } = this.#options;
    const trained = model.contextLength ?? usualLength;
    const window = Math.min(asked.options.num_ctx, trained, secretWindow);
    if (asked.tools.length > 0 && model.capabilities?.includes("tools") === false) {
      return sendJson(response, { error: `registry.ollama.ai/library/${model.name} does not support tools` }, 400);
    }
    this.#windows.set(model.name, window);
    if (asked.messages.length === 0) return sendJson(response, { message: {}, done: true, done_reason: "load" });
    const tokens = Math.ceil(Buffer.byteLength(JSON.stringify([asked.messages, asked.tools])) / bytesPerToken);
    if (tokens > window && !asked.truncate && this.#options.secretWindow === undefined) {
      return sendJson(response, { error: "the input length exceeds the context length" }, 400);
    }
    if (answer !== undefined) return answer(response, asked);
    await this.#reply(response, model.name, Math.min(tokens, window));
  }

  async #reply(response: ServerResponse, model: string, promptTokens: number): Promise<void> {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    const send = (value: object): Promise<void> =>
      write(response, `${JSON.stringify({ model, ...value })}\n`, this.#options.pieceBytes);
    const say = (message: object): Promise<void> => send({ message: { role: "assistant", ...message }, done: false });
    let events = 0;
    let calls = 0;
    try {
      for await (const event of this.#script.play(gone.signal)) {
        events++;
        if (event.type === "text-delta") await say({ content: event.delta });
        else if (event.type === "thought-delta") await say({ content: "", thinking: event.delta });
        else if (event.type === "call-end") {
          const { name, args } = event.call;
          await say({ content: "", tool_calls: [{ function: { index: calls++, name, arguments: args } }] });
        }
      }
    } catch (error) {
      if (!(error instanceof ScriptFailure)) throw error;
      await send({ error: error.message });
      response.end();
      return;
    }
    const counts = { prompt_eval_count: promptTokens, eval_count: events, eval_duration: events * 1e6 };
    await send({ message: { role: "assistant", content: "" }, done: true, done_reason: "stop", ...counts });
    response.end();
  }
}

const usualLength = 32_768;

const listed = ({ name, sizeBytes = 1e9, remoteHost }: FakeOllamaModel): unknown => ({
  name,
  ...(remoteHost === undefined ? {} : { remote_host: remoteHost, remote_model: "big" }),
  model: name,
  size: sizeBytes,
  details: { family: "llama", parameter_size: "1.2B", quantization_level: "Q4_K_M" },
});

const shown = ({ contextLength = usualLength, capabilities, parameters, remoteHost }: FakeOllamaModel): unknown => ({
  details: { family: "llama", parameter_size: "1.2B", quantization_level: "Q4_K_M" },
  template: "{{ .Prompt }}",
  capabilities: capabilities ?? ["completion", "tools"],
  ...(parameters === undefined ? {} : { parameters }),
  ...(remoteHost === undefined ? {} : { remote_host: remoteHost, remote_model: "big" }),
  model_info: {
    "general.architecture": "llama",
    "llama.context_length": contextLength,
    "llama.block_count": 16,
    "llama.embedding_length": 2048,
    "llama.attention.head_count": 32,
    "llama.attention.head_count_kv": 8,
  },
});
