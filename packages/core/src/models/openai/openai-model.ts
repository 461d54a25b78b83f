import { callIds } from "../../dialects/index.ts";
import type { ModelInfo, ModelPort, ModelRequest } from "../../ports/model.ts";
import { errorBody, TrustError } from "../../protocol/errors.ts";
import { parseJson } from "../../protocol/json.ts";
import { type ModelEvent, noUsage } from "../../protocol/model-events.ts";
import { resolveEndpoint } from "../server/endpoint.ts";
import { ServerConnection } from "../server/server-connection.ts";
import { CallAssembly } from "./call-assembly.ts";
import { type ListedModel, ModelList } from "./chat-chunk.ts";
import { chatRequest } from "./chat-request.ts";
import { ReplyReader } from "./reply-reader.ts";
import { serverEvents } from "./server-events.ts";
import { TokenCounter } from "./token-counter.ts";

export interface OpenAiModelOptions {
  /** With or without `/v1`. */
  baseUrl: string;
  /** Default: the first model that the server lists. */
  model?: string;
  apiKey?: string;
  /** In tokens; overrides what the server says of its window. */
  contextSize?: number;
  /** Refuse a server that is not on this machine. */
  offline: boolean;
  /** The person named this server, so it may be elsewhere. */
  allowRemote: boolean;
  /** How long the server may say nothing at all before a reply fails. Default: 300. */
  silenceSeconds?: number;
}

const defaultContextSize = 8192;
const defaultSilenceSeconds = 300;

/**
 * A model behind an OpenAI-compatible server: llama-server, vLLM, LM Studio, Ollama and others. Throws USAGE,
 * OFFLINE or REFUSED for an address that may not be used; connects to nothing yet.
 */
export function createOpenAiModel(options: OpenAiModelOptions): ModelPort {
  return new OpenAiModel(options);
}

class OpenAiModel implements ModelPort {
  readonly #options: OpenAiModelOptions;
  readonly #connection: ServerConnection;
  readonly #counter: TokenCounter;
  readonly #freshId = callIds();
  #model: string | undefined;

  constructor(options: OpenAiModelOptions) {
    const { baseUrl, apiKey, silenceSeconds = defaultSilenceSeconds } = options;
    this.#options = options;
    this.#model = options.model;
    this.#connection = new ServerConnection(resolveEndpoint(baseUrl, options), { apiKey, silenceSeconds });
    this.#counter = new TokenCounter(this.#connection);
  }

  async describe(signal: AbortSignal): Promise<ModelInfo> {
    const { api, local } = this.#connection.endpoint;
    const url = new URL("models", api);
    const text = await this.#connection.text({ method: "GET", url }, signal);
    const { data } = parseJson(text, ModelList, `the model list of ${url.host}`, "MODEL_FAILED");
    const listed = this.#model === undefined ? data[0] : data.find(({ id }) => id === this.#model);
    const { model: named } = this.#options;
    if (named !== undefined && listed === undefined && data.length > 0) throw unlisted(named, data, url);
    const id = this.#model ?? listed?.id;
    if (id === undefined) {
      throw new TrustError("MODEL_MISSING", `${url.host} has no model`, { hint: "load a model in the server" });
    }
    this.#model = id;
    return { id, name: id, contextSize: this.#options.contextSize ?? windowOf(listed), local };
  }

  countTokens(request: Pick<ModelRequest, "messages" | "tools">, signal: AbortSignal): Promise<number> {
    return this.#counter.count(request, signal);
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
    if (signal.aborted) return yield { type: "finish", reason: "abort", usage: noUsage };
    const { host } = this.#connection.endpoint.api;
    const reply = new ReplyReader(new CallAssembly(idsIn(request), this.#freshId), host);
    try {
      for await (const data of this.#events(request, signal)) {
        yield* reply.push(data);
        if (data === "[DONE]") break;
      }
      if (!reply.done) throw new TrustError("MODEL_FAILED", `${host} closed the connection in the middle of its reply`);
    } catch (error) {
      if (!signal.aborted && !(error instanceof TrustError)) throw error;
      yield* reply.end(true);
      const usage = reply.usage(this.#counter.estimate(request));
      if (signal.aborted) yield { type: "finish", reason: "abort", usage };
      else yield { type: "finish", reason: "error", usage, error: errorBody(error) };
      return;
    }
    if (reply.promptTokens !== undefined) this.#counter.learn(request, reply.promptTokens);
    yield* reply.end(false);
    yield reply.finish(this.#counter.estimate(request));
  }

  async *#events(request: ModelRequest, signal: AbortSignal): AsyncGenerator<string, void, void> {
    this.#model ??= (await this.describe(signal)).id;
    const url = new URL("chat/completions", this.#connection.endpoint.api);
    const body = JSON.stringify(chatRequest(this.#model, request));
    yield* serverEvents(this.#connection, { method: "POST", url, body }, signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection[Symbol.asyncDispose]();
  }
}

const shownNames = 10;

function unlisted(model: string, data: readonly ListedModel[], { host }: URL): TrustError {
  const names = data.slice(0, shownNames).map(({ id }) => id);
  return new TrustError("MODEL_MISSING", `${host} has no model ${model}`, { hint: `it has ${names.join(", ")}` });
}

const windowOf = (listed: ListedModel | undefined): number =>
  listed?.meta?.n_ctx ?? listed?.max_model_len ?? listed?.context_length ?? defaultContextSize;

function idsIn({ messages }: ModelRequest): string[] {
  return messages.flatMap((message) => (message.role === "assistant" ? message.calls.map(({ id }) => id) : []));
}
