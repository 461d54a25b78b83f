import { callIds } from "../../dialects/index.ts";
import type { ModelInfo, ModelPort, ModelRequest } from "../../ports/model.ts";
import { errorBody, TrustError } from "../../protocol/errors.ts";
import { parseJson } from "../../protocol/json.ts";
import { type ModelEvent, noUsage } from "../../protocol/model-events.ts";
import type { ToolCall } from "../../protocol/tool-call.ts";
import { resolveEndpoint } from "../server/endpoint.ts";
import { EscapeReport, escapeRequest } from "../server/escape-control.ts";
import { ForcedCall, forcedTools } from "../server/forced-call.ts";
import { type ListedModel, ModelList, windowsOf } from "../server/listed-model.ts";
import { createReplyText } from "../server/reply-text.ts";
import { ServerConnection } from "../server/server-connection.ts";
import { cutOffError } from "../server/server-errors.ts";
import { estimateTokens } from "../server/token-estimate.ts";
import { CallAssembly } from "./call-assembly.ts";
import { Reply } from "./reply.ts";
import { ServerSpeech } from "./server-speech.ts";
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
  /** How long a server that is still there may say nothing at all before a reply fails. Default: 3600. */
  silenceSeconds?: number;
}

const defaultContextSize = 8192;
const defaultSilenceSeconds = 3600;

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
  readonly #speech: ServerSpeech;
  readonly #counter: TokenCounter;
  readonly #report = new EscapeReport();
  readonly #freshId = callIds();
  #model: string | undefined;

  constructor(options: OpenAiModelOptions) {
    const { baseUrl, apiKey, silenceSeconds = defaultSilenceSeconds } = options;
    this.#options = options;
    this.#model = options.model;
    this.#connection = new ServerConnection(resolveEndpoint(baseUrl, options), { apiKey, silenceSeconds });
    this.#speech = new ServerSpeech(this.#connection);
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
    const contextSize = this.#options.contextSize ?? (await this.#window(listed ?? { id }, signal));
    return { id, name: id, contextSize, local, ...sizeOf(listed) };
  }

  countTokens(request: Pick<ModelRequest, "messages" | "tools">, signal: AbortSignal): Promise<number> {
    return this.#counter.count(request, signal);
  }

  async *stream(asked: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
    if (signal.aborted) return yield { type: "finish", reason: "abort", usage: noUsage };
    const { request, restore, ...found } = escapeRequest(asked);
    const notice = this.#report.notice(found, this.#connection.endpoint.api.host);
    if (notice !== undefined) yield { type: "notice", text: notice };
    const isForced = forcedTools(request).length > 0;
    const events = isForced ? this.#streamCall(request, signal) : this.#stream(request, signal);
    for await (const event of events) yield restore(event);
  }

  /**
   * A reply that must be one call: what comes behind it is not read. Servers may take the wish and pass it over; then
   * it is asked for in another way.
   */
  async *#streamCall(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
    const text: ModelEvent[] = [];
    let ended: ToolCall | undefined;
    let isBroken = false;
    for await (const event of this.#stream(request, signal)) {
      if (event.type === "text-delta") {
        text.push(event);
        continue;
      }
      if (event.type === "call-start" && ended !== undefined) return yield this.#finishAfter(ended, request);
      if (event.type === "call-end") ended = event.call;
      isBroken ||= event.type === "call-invalid";
      if (event.type === "finish" && ended === undefined && !isBroken) {
        if (isFruitless(event) && this.#speech.giveUpChoice()) return yield* this.#stream(request, signal);
        yield* text;
      }
      yield event;
    }
  }

  #finishAfter({ raw }: ToolCall, request: ModelRequest): ModelEvent {
    const promptTokens = this.#counter.estimate(request);
    const usage = { promptTokens, reusedTokens: 0, outputTokens: estimateTokens(raw) };
    return { type: "finish", reason: "calls", usage };
  }

  async *#stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
    const reply = this.#replyTo(request);
    try {
      const model = (this.#model ??= (await this.describe(signal)).id);
      const readCall = (): ForcedCall => new ForcedCall(this.#freshId);
      yield* this.#speech.ask({ model, request, reply, readCall }, signal);
      if (!reply.isDone) throw cutOffError(reply.host);
    } catch (error) {
      if (!signal.aborted && !(error instanceof TrustError)) throw error;
      yield* reply.end(true);
      const usage = reply.usage(this.#counter.estimate(request));
      if (signal.aborted) yield { type: "finish", reason: "abort", usage };
      else yield { type: "finish", reason: "error", usage, error: errorBody(error) };
      return;
    }
    const { promptTokens } = reply.summary;
    if (promptTokens !== undefined) this.#counter.learn(request, promptTokens);
    yield* reply.end(false);
    yield reply.finish(this.#counter.estimate(request));
  }

  #replyTo(request: ModelRequest): Reply {
    return new Reply({
      host: this.#connection.endpoint.api.host,
      calls: new CallAssembly(idsIn(request), this.#freshId),
      readText: () => createReplyText(offered(request), this.#freshId),
    });
  }

  async #window(model: ListedModel, signal: AbortSignal): Promise<number> {
    const [size] = await windowsOf([model], (path, schema) => this.#connection.ask(path, schema, signal));
    return size ?? defaultContextSize;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection[Symbol.asyncDispose]();
  }
}

const sizeOf = (listed: ListedModel | undefined): Pick<ModelInfo, "parameterCount"> =>
  listed?.meta?.n_params ? { parameterCount: listed.meta.n_params } : {};

/** The model said something else, or the server could not make a call of it. */
const isFruitless = ({ reason, error }: Extract<ModelEvent, { type: "finish" }>): boolean =>
  reason === "stop" || reason === "length" || error?.code === "MODEL_FAILED";

const shownNames = 10;

function unlisted(model: string, data: readonly ListedModel[], { host }: URL): TrustError {
  const names = data.slice(0, shownNames).map(({ id }) => id);
  return new TrustError("MODEL_MISSING", `${host} has no model ${model}`, { hint: `it has ${names.join(", ")}` });
}

/** What may not be called is not looked for in text either. */
const offered = (request: ModelRequest): ModelRequest["tools"] =>
  request.toolChoice === "auto" ? request.tools : forcedTools(request);

function idsIn({ messages }: ModelRequest): string[] {
  return messages.flatMap((message) => (message.role === "assistant" ? message.calls.map(({ id }) => id) : []));
}
