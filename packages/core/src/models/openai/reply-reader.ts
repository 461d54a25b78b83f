import { parseJson } from "../../protocol/json.ts";
import type { FinishReason, ModelEvent, ParsedEvent, Usage } from "../../protocol/model-events.ts";
import { endlessError, errorWords, serverError } from "../server/server-errors.ts";
import { estimateTokens } from "../server/token-estimate.ts";
import type { CallAssembly } from "./call-assembly.ts";
import { ChatChunk, type ChunkDelta, type ChunkUsage } from "./chat-chunk.ts";

/** Far above any reply, thoughts and calls included; in UTF-16 units. */
const longestReply = 64 * 1024 * 1024;

/** What the server said of the reply as a whole. */
interface Summary {
  finishReason: string | undefined;
  usage: ChunkUsage | undefined;
  tokensPerSecond: number | undefined;
}

/** Turns the chunks of one streamed reply into events. */
export class ReplyReader {
  readonly #calls: CallAssembly;
  readonly #host: string;
  readonly #summary: Summary = { finishReason: undefined, usage: undefined, tokensPerSecond: undefined };
  #firstTokenAt: number | undefined;
  #written = "";
  #length = 0;
  #done = false;

  constructor(calls: CallAssembly, host: string) {
    this.#calls = calls;
    this.#host = host;
  }

  /** The server said that the reply is complete. */
  get done(): boolean {
    return this.#done;
  }

  /** Prompt tokens as the server counted them, once it has told. */
  get promptTokens(): number | undefined {
    return this.#summary.usage?.prompt_tokens ?? undefined;
  }

  /** Reads one event's data. Throws what the server reports as an error, or MODEL_FAILED for what is no chunk. */
  *push(data: string): Generator<ParsedEvent> {
    if (data === "[DONE]") {
      this.#done = true;
      return;
    }
    const chunk = parseJson(data, ChatChunk, `a chunk from ${this.#host}`, "MODEL_FAILED");
    if (chunk.error !== undefined && chunk.error !== null) {
      throw serverError(errorWords(JSON.stringify({ error: chunk.error })), this.#host);
    }
    this.#note(chunk);
    const delta = chunk.choices?.[0]?.delta;
    if (!delta) return;
    for (const event of this.#read(delta)) {
      this.#firstTokenAt ??= performance.now();
      if ("delta" in event) this.#written += event.delta;
      yield event;
    }
  }

  /** Ends the open calls: `truncated` when the reply was cut off from outside. */
  *end(truncated: boolean): Generator<ParsedEvent> {
    yield* this.#calls.finish(truncated || this.#summary.finishReason === "length");
  }

  /** The last event of a reply that the server completed. `promptEstimate` is used when it counted nothing. */
  finish(promptEstimate: number): Extract<ModelEvent, { type: "finish" }> {
    const usage = this.usage(promptEstimate);
    const speed = this.#summary.tokensPerSecond ?? this.#measuredSpeed(usage.outputTokens);
    const tokensPerSecond = speed === undefined ? {} : { tokensPerSecond: speed };
    return { type: "finish", reason: this.#finishReason(), usage, ...tokensPerSecond };
  }

  usage(promptEstimate: number): Usage {
    const { usage } = this.#summary;
    return {
      promptTokens: usage?.prompt_tokens ?? promptEstimate,
      reusedTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
      outputTokens: usage?.completion_tokens ?? estimateTokens(this.#written),
    };
  }

  #note({ choices, usage, timings }: ChatChunk): void {
    const reason = choices?.[0]?.finish_reason;
    if (reason) {
      this.#summary.finishReason = reason;
      this.#done = true;
    }
    if (usage) this.#summary.usage = usage;
    this.#summary.tokensPerSecond = timings?.predicted_per_second ?? this.#summary.tokensPerSecond;
  }

  *#read({ content, reasoning_content, reasoning, tool_calls }: ChunkDelta): Generator<ParsedEvent> {
    for (const part of [content, reasoning_content, reasoning]) this.#length += part?.length ?? 0;
    for (const call of tool_calls ?? []) this.#length += JSON.stringify(call).length;
    if (this.#length > longestReply) throw endlessError(this.#host, "a reply");
    const thought = reasoning_content || reasoning;
    if (thought) yield { type: "thought-delta", delta: thought };
    if (content) yield { type: "text-delta", delta: content };
    for (const call of tool_calls ?? []) yield* this.#calls.push(call);
  }

  #measuredSpeed(outputTokens: number): number | undefined {
    if (this.#firstTokenAt === undefined) return undefined;
    const seconds = (performance.now() - this.#firstTokenAt) / 1000;
    return seconds > 0 && outputTokens > 1 ? outputTokens / seconds : undefined;
  }

  #finishReason(): FinishReason {
    if (this.#summary.finishReason === "length") return "length";
    return this.#calls.ended > 0 ? "calls" : "stop";
  }
}
