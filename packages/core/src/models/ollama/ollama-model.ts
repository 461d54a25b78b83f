import { callIds } from "../../dialects/index.ts";
import type { ModelInfo, ModelPort, ModelRequest } from "../../ports/model.ts";
import { errorBody, TrustError } from "../../protocol/errors.ts";
import { type ModelEvent, noUsage } from "../../protocol/model-events.ts";
import { resolveEndpoint } from "../server/endpoint.ts";
import { ServerConnection } from "../server/server-connection.ts";
import { TokenEstimate } from "../server/token-estimate.ts";
import { offeredTools } from "./chat-request.ts";
import { type Loaded, loadModel, runningModel } from "./loaded-model.ts";
import { OllamaClient } from "./ollama-client.ts";
import { cutError, ollamaError, tooLongError } from "./ollama-errors.ts";
import { ReplyReader } from "./reply-reader.ts";

export interface OllamaModelOptions {
  /** Where Ollama listens, such as `http://127.0.0.1:11434`. */
  url: string;
  /** As `ollama list` names it; without a tag it is `latest`. */
  model: string;
  /** In tokens. Default: 16,384, or less where the model or the memory allow less. */
  contextSize?: number;
  /** Refuse a server that is not on this machine, and a model that runs elsewhere. */
  offline: boolean;
  /** The person named this server, so it may be elsewhere. */
  allowRemote: boolean;
  /** How long the server may say nothing at all before a reply fails: reading a long prompt is silent. Default: 900. */
  silenceSeconds?: number;
}

const defaultSilenceSeconds = 900;
/** A prompt that was counted below this share of its estimate may have been cut. */
const suspiciousShare = 0.5;

/**
 * A model of an Ollama server, over its own API: only there can the window be chosen, and a cut prompt be noticed.
 * How long the model stays in memory is left to the server's owner. Throws USAGE, OFFLINE or REFUSED for an address
 * that may not be used; connects to nothing yet.
 */
export function createOllamaModel(options: OllamaModelOptions): ModelPort {
  return new OllamaModel(options);
}

class OllamaModel implements ModelPort {
  readonly #options: OllamaModelOptions;
  readonly #connection: ServerConnection;
  readonly #client: OllamaClient;
  readonly #estimate = new TokenEstimate();
  readonly #freshId = callIds();
  #loaded: Loaded | undefined;

  constructor(options: OllamaModelOptions) {
    const { url, silenceSeconds = defaultSilenceSeconds } = options;
    this.#options = options;
    this.#connection = new ServerConnection(resolveEndpoint(url, options), { apiKey: undefined, silenceSeconds });
    this.#client = new OllamaClient(this.#connection);
  }

  async describe(signal: AbortSignal, onLoad?: (fraction: number) => void): Promise<ModelInfo> {
    try {
      this.#loaded ??= await loadModel(this.#client, this.#options, { signal, onLoad });
      return this.#loaded.info;
    } catch (error) {
      throw ollamaError(error, this.#options.model, this.#connection.endpoint);
    }
  }

  countTokens({ messages, tools }: Pick<ModelRequest, "messages" | "tools">): Promise<number> {
    const sent = this.#loaded?.canCallTools === false ? [] : tools;
    return Promise.resolve(this.#estimate.of({ messages, tools: sent }));
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
    if (signal.aborted) return yield { type: "finish", reason: "abort", usage: noUsage };
    const reply = new ReplyReader(this.#freshId, this.#client.host);
    let sent = request;
    try {
      const { contextSize } = await this.describe(signal);
      sent = { ...request, tools: this.#loaded?.canCallTools === false ? [] : offeredTools(request) };
      for await (const line of this.#client.chat(this.#options.model, contextSize, sent, signal)) {
        yield* reply.push(line);
      }
      await this.#requireWholePrompt(sent, reply.promptTokens, signal);
    } catch (error) {
      if (!signal.aborted && !(error instanceof TrustError)) throw error;
      const usage = reply.usage(this.#estimate.of(sent));
      if (signal.aborted) yield { type: "finish", reason: "abort", usage };
      else yield { type: "finish", reason: "error", usage, error: errorBody(this.#explained(error, sent)) };
      return;
    }
    if (reply.promptTokens !== undefined) this.#estimate.learn(sent, reply.promptTokens);
    yield reply.finish(this.#estimate.of(sent));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  /** Servers that cut a prompt in silence give away less than was sent: in what they count, and in their window. */
  async #requireWholePrompt(sent: ModelRequest, promptTokens: number | undefined, signal: AbortSignal): Promise<void> {
    const estimate = this.#estimate.of(sent);
    if (promptTokens === undefined || promptTokens >= estimate * suspiciousShare) return;
    const running = await runningModel(this.#client, this.#options.model, signal);
    const contextSize = running?.context_length ?? undefined;
    if (contextSize === undefined || contextSize >= estimate) return;
    this.#loaded = undefined;
    throw cutError({ model: this.#options.model, promptTokens, estimate, contextSize });
  }

  /** The server's own words for a prompt that is too long have no numbers. */
  #explained(error: unknown, sent: ModelRequest): unknown {
    const { model } = this.#options;
    const explained = ollamaError(error, model, this.#connection.endpoint);
    const isRefused = explained === error && explained instanceof TrustError && explained.code === "CONTEXT_FULL";
    if (!isRefused || this.#loaded === undefined) return explained;
    return tooLongError(model, this.#estimate.of(sent), this.#loaded.info.contextSize, error);
  }
}
