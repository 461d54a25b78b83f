import type { ServerResponse } from "node:http";

import * as z from "zod";

import { type FakeLibrary, FakePulls } from "./fake-ollama-library.ts";
import { type FakeRequest, fakeTokens, sendJson, ServerScript, startFakeServer, write } from "./fake-server.ts";
import { schemaInstance } from "./schema-instance.ts";
import { say, ScriptFailure, type ScriptReply } from "./script.ts";

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
  /** The file that its Modelfile names. */
  weights?: string;
}

export interface FakeOllamaOptions {
  /** Default: one named `fake:latest`, of 32,768 tokens, that can call tools. */
  models?: readonly FakeOllamaModel[];
  /** Give no model more than this window, and cut longer prompts silently, whatever was asked. */
  secretWindow?: number;
  /** Send the stream in pieces of this many bytes, however characters and lines are cut. */
  pieceBytes?: number;
  /** What it can pull. */
  library?: FakeLibrary;
  /** Why a reply's format is refused with status 500; undefined when it is not. */
  refusesFormat?: (format: unknown) => string | undefined;
  /** Answers requests for a reply instead of the script. */
  answer?: (response: ServerResponse, body: unknown) => void;
}

export interface FakeOllamaServer extends AsyncDisposable {
  /** Without a path. */
  readonly url: string;
  readonly requests: readonly FakeRequest[];
}

/**
 * A real HTTP server on a free port of this machine that speaks Ollama's API (0.17) and gives these replies in turn. A
 * reply that a format binds is a small value of that format instead.
 */
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
  prompt: z.string().default(""),
  tools: z.array(z.unknown()).default([]),
  format: z.union([z.string(), z.looseObject({})]).optional(),
  options: z.object({ num_ctx: z.number().default(4096) }).default({ num_ctx: 4096 }),
  truncate: z.boolean().default(true),
  stream: z.boolean().default(true),
  keep_alive: z.number().default(300),
});
type Asked = z.infer<typeof Asked>;

const usual: FakeOllamaModel = { name: "fake:latest" };
const tagged = (name: string): string => (name.includes(":") ? name : `${name}:latest`);

class FakeOllama {
  readonly #script: ServerScript;
  readonly #options: FakeOllamaOptions;
  readonly #models: FakeOllamaModel[];
  readonly #windows = new Map<string, number>();
  readonly #pulls: FakePulls;

  constructor(replies: readonly ScriptReply[], options: FakeOllamaOptions) {
    this.#script = new ServerScript(replies);
    this.#options = options;
    this.#models = [...(options.models ?? [usual])];
    this.#pulls = new FakePulls(options.library ?? {});
  }

  async answer({ method, path, body }: FakeRequest, response: ServerResponse): Promise<void> {
    switch (`${method} ${path}`) {
      case "GET /api/tags":
        return sendJson(response, { models: this.#models.map(listed) });
      case "GET /api/ps":
        return sendJson(response, { models: this.#running() });
      case "GET /api/version":
        return sendJson(response, { version: "0.17.4" });
      case "POST /api/pull":
        return this.#pull(body, response);
      case "POST /api/show":
      case "POST /api/chat":
      case "POST /api/generate":
        return this.#ofModel(path, Asked.parse(body), response);
      default:
        return sendJson(response, "404 page not found", 404);
    }
  }

  async #pull(body: unknown, response: ServerResponse): Promise<void> {
    const { name } = z.object({ name: z.string() }).parse(body);
    if (await this.#pulls.answer(name, response)) this.#models.push({ name: tagged(name) });
  }

  async #ofModel(path: string, asked: Asked, response: ServerResponse): Promise<void> {
    const model = this.#models.find(({ name }) => name === tagged(asked.model));
    if (model === undefined) return sendJson(response, { error: `model '${asked.model}' not found` }, 404);
    if (path === "/api/show") return sendJson(response, shown(model));
    if (isEmpty(asked) && asked.keep_alive === 0) {
      this.#windows.delete(model.name);
      return sendJson(response, { message: {}, done: true, done_reason: "unload" });
    }
    return this.#reply(model, asked, response);
  }

  #running(): unknown[] {
    return Array.from(this.#windows, ([name, window]) => ({ name, model: name, size: 5e7, context_length: window }));
  }

  async #reply(model: FakeOllamaModel, asked: Asked, response: ServerResponse): Promise<void> {
    const { secretWindow = Number.POSITIVE_INFINITY, answer } = this.#options;
    const window = Math.min(asked.options.num_ctx, model.contextLength ?? usualLength, secretWindow);
    if (asked.tools.length > 0 && model.capabilities?.includes("tools") === false) {
      return sendJson(response, { error: `registry.ollama.ai/library/${model.name} does not support tools` }, 400);
    }
    this.#windows.set(model.name, window);
    if (isEmpty(asked)) return sendJson(response, { message: {}, done: true, done_reason: "load" });
    const tokens = fakeTokens(asked.messages, asked.prompt, asked.tools);
    if (tokens > window && !asked.truncate && this.#options.secretWindow === undefined) {
      return sendJson(response, { error: "the input length exceeds the context length" }, 400);
    }
    const refused = this.#refusal(asked);
    if (refused !== undefined) return sendJson(response, { error: refused }, 500);
    if (answer !== undefined) return answer(response, asked);
    await this.#stream(model.name, asked, Math.min(tokens, window), response);
  }

  #refusal({ format }: Asked): string | undefined {
    return format === undefined ? undefined : this.#options.refusesFormat?.(format);
  }

  // oxlint-disable-next-line max-params -- what is asked of whom, and where the answer goes
  async #stream(model: string, asked: Asked, promptTokens: number, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    const isChat = asked.prompt === "";
    const send = (value: object): Promise<void> =>
      write(response, `${JSON.stringify({ model, ...value })}\n`, this.#options.pieceBytes);
    const say = (message: { content: string; [field: string]: unknown }): Promise<void> =>
      send({
        ...(isChat ? { message: { role: "assistant", ...message } } : { response: message.content }),
        done: false,
      });
    let events = 0;
    let calls = 0;
    try {
      for await (const event of this.#script.play(gone.signal, boundReply(asked))) {
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
    const last = isChat ? { message: { role: "assistant", content: "" } } : { response: "" };
    await send({ ...last, done: true, done_reason: "stop", ...counts });
    response.end();
  }
}

const isEmpty = ({ messages, prompt }: Asked): boolean => messages.length === 0 && prompt === "";

function boundReply({ format }: Asked): ScriptReply | undefined {
  if (format === undefined) return undefined;
  return say(typeof format === "string" ? "{}" : JSON.stringify(schemaInstance(format)));
}

const usualLength = 32_768;

const listed = ({ name, sizeBytes = 1e9, remoteHost }: FakeOllamaModel): unknown => ({
  name,
  ...(remoteHost === undefined ? {} : { remote_host: remoteHost, remote_model: "big" }),
  model: name,
  size: sizeBytes,
  digest: `digest-of-${name}`,
  details: { family: "llama", parameter_size: "1.2B", quantization_level: "Q4_K_M" },
});

const shown = ({
  contextLength = usualLength,
  capabilities,
  parameters,
  remoteHost,
  weights,
}: FakeOllamaModel): unknown => ({
  details: { family: "llama", parameter_size: "1.2B", quantization_level: "Q4_K_M" },
  template: "{{ .Prompt }}",
  capabilities: capabilities ?? ["completion", "tools"],
  modelfile: `# Modelfile\nFROM ${weights ?? "fake"}\nTEMPLATE "{{ .Prompt }}"\n`,
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
