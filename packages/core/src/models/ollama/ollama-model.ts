import { callIds } from "../../dialects/index.ts";
import type { ModelInfo, ModelPort, ModelRequest } from "../../ports/model.ts";
import { errorBody, TrustError } from "../../protocol/errors.ts";
import { type ModelEvent, noUsage } from "../../protocol/model-events.ts";
import { resolveEndpoint } from "../server/endpoint.ts";
import { EscapeReport, escapeRequest } from "../server/escape-control.ts";
import { ServerConnection } from "../server/server-connection.ts";
import { TokenEstimate } from "../server/token-estimate.ts";
import { bindRequest, type BoundRequest } from "./bound-request.ts";
import { chatRequest, generateRequest } from "./chat-request.ts";
import { type TemplateSettings, WayFinder } from "./choose-way.ts";
import { type Loaded, loadModel, runningModel } from "./loaded-model.ts";
import { OllamaClient } from "./ollama-client.ts";
import { cutError, ollamaError, tooLongError } from "./ollama-errors.ts";
import { ReplyReader } from "./reply-reader.ts";
import type { Way } from "./way.ts";
import type { ReplyLine } from "./wire.ts";

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
  /** How long a server that is still there may say nothing before a reply fails: it reads prompts silently. Default: 3600. */
  silenceSeconds?: number;
  /** For models that only their own chat template can tell of tools. Without it they are told in plain text. */
  templates?: TemplateSettings;
}

const defaultSilenceSeconds = 3600;
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

type Prompt = Pick<ModelRequest, "messages" | "tools">;

class OllamaModel implements ModelPort {
  readonly #options: OllamaModelOptions;
  readonly #connection: ServerConnection;
  readonly #client: OllamaClient;
  readonly #estimate = new TokenEstimate();
  readonly #report = new EscapeReport();
  readonly #freshId = callIds();
  readonly #ways: WayFinder;
  #loaded: Loaded | undefined;
  #way: Way | undefined;
  /** Its server refused a schema: from then on replies are bound by plainer ones. */
  #bindsLoosely = false;

  constructor(options: OllamaModelOptions) {
    const { url, silenceSeconds = defaultSilenceSeconds } = options;
    this.#options = options;
    this.#connection = new ServerConnection(resolveEndpoint(url, options), { apiKey: undefined, silenceSeconds });
    this.#client = new OllamaClient(this.#connection);
    this.#ways = new WayFinder(options.templates, this.#freshId);
  }

  async describe(signal: AbortSignal, onLoad?: (fraction: number) => void): Promise<ModelInfo> {
    try {
      this.#loaded ??= await loadModel(this.#client, this.#options, { signal, onLoad });
      this.#way ??= await this.#ways.find(this.#loaded.shown, this.#client.isLocal, signal);
      return this.#loaded.info;
    } catch (error) {
      throw ollamaError(error, this.#options.model, this.#connection.endpoint);
    }
  }

  countTokens(prompt: Pick<ModelRequest, "messages" | "tools">): Promise<number> {
    return Promise.resolve(this.#estimate.of(prompt));
  }

  async *stream(asked: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
    if (signal.aborted) return yield { type: "finish", reason: "abort", usage: noUsage };
    const { request, restore, ...found } = escapeRequest(asked);
    const notice = this.#report.notice(found, "Ollama");
    if (notice !== undefined) yield { type: "notice", text: notice };
    for await (const event of this.#reply(request, signal)) yield restore(event);
  }

  downgrade(): { from: string; to: string } | undefined {
    const plainer = this.#way?.plainer();
    if (this.#way === undefined || plainer === undefined) return undefined;
    const { name: from } = this.#way;
    this.#way = plainer;
    return { from, to: plainer.name };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ways[Symbol.asyncDispose]();
    await this.#connection[Symbol.asyncDispose]();
  }

  async *#reply(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
    const bound = bindRequest(request, this.#freshId, this.#bindsLoosely);
    const reply = new ReplyReader(this.#freshId, this.#client.host);
    try {
      for await (const line of await this.#ask(request, bound, reply, signal)) yield* reply.push(line);
      await this.#requireWholePrompt(bound, reply.promptTokens, signal);
    } catch (error) {
      if (!signal.aborted && !(error instanceof TrustError)) throw error;
      if (!signal.aborted && !reply.hasBegun && this.#learns(error, bound)) return yield* this.#reply(request, signal);
      yield* reply.end(true);
      const usage = reply.usage(this.#estimate.of(bound));
      if (signal.aborted) yield { type: "finish", reason: "abort", usage };
      else yield { type: "finish", reason: "error", usage, error: errorBody(this.#explained(error, bound)) };
      return;
    }
    if (reply.promptTokens !== undefined) this.#estimate.learn(bound, reply.promptTokens);
    yield* reply.end(false);
    yield reply.finish(this.#estimate.of(bound));
  }

  /** Prepares a request, which goes off with the first line that is read, and the reading of its reply. */
  async #ask(
    { maxTokens, sampling, thinking }: ModelRequest,
    { messages, tools, format, readCall }: BoundRequest,
    reply: ReplyReader,
    signal: AbortSignal,
  ): Promise<AsyncIterable<ReplyLine>> {
    const { contextSize } = await this.describe(signal);
    const thinks = format === undefined && thinking !== false;
    const put = await this.#chosenWay().put({ messages, tools }, thinks, signal);
    reply.readText = readCall === undefined ? put.readText : () => readCall;
    const bind = { ...(format === undefined ? {} : { format }), ...(thinks ? {} : this.#withoutThoughts()) };
    const settings = { model: this.#options.model, contextSize, maxTokens, sampling, ...bind };
    return "prompt" in put.sent
      ? this.#client.generate(generateRequest(settings, put.sent.prompt), signal)
      : this.#client.chat(chatRequest(settings, put.sent), signal);
  }

  #chosenWay(): Way {
    if (this.#way === undefined) throw new Error("the model was not described");
    return this.#way;
  }

  /** A bound reply begins with its first letter, so that a thought has no place in it. */
  #withoutThoughts(): { think?: false } {
    return this.#loaded?.shown.capabilities?.includes("thinking") === true ? { think: false } : {};
  }

  /** Whether the server refused the schema, and a plainer one is left to try. */
  #learns(error: unknown, { format }: BoundRequest): boolean {
    const isAboutSchema = error instanceof TrustError && /schema|grammar|format/i.test(error.message);
    if (this.#bindsLoosely || typeof format !== "object" || !isAboutSchema) return false;
    this.#bindsLoosely = true;
    return true;
  }

  /** Servers that cut a prompt in silence give away less than was sent: in what they count, and in their window. */
  async #requireWholePrompt(sent: Prompt, promptTokens: number | undefined, signal: AbortSignal): Promise<void> {
    const estimate = this.#estimate.of(sent);
    if (promptTokens === undefined || promptTokens >= estimate * suspiciousShare) return;
    const running = await runningModel(this.#client, this.#options.model, signal);
    const contextSize = running?.context_length ?? undefined;
    if (contextSize === undefined || contextSize >= estimate) return;
    this.#loaded = undefined;
    throw cutError({ model: this.#options.model, promptTokens, estimate, contextSize });
  }

  /** The server's own words for a prompt that is too long have no numbers. */
  #explained(error: unknown, sent: Prompt): unknown {
    const { model } = this.#options;
    const explained = ollamaError(error, model, this.#connection.endpoint);
    const isRefused = explained === error && explained instanceof TrustError && explained.code === "CONTEXT_FULL";
    if (!isRefused || this.#loaded === undefined) return explained;
    return tooLongError(model, this.#estimate.of(sent), this.#loaded.info.contextSize, error);
  }
}
