import { readArguments } from "../../dialects/index.ts";
import type { FinishReason, ModelEvent, ParsedEvent, Usage } from "../../protocol/model-events.ts";
import { endlessError } from "../server/server-errors.ts";
import { estimateTokens } from "../server/token-estimate.ts";
import type { ChatLine, ToolCallPart } from "./wire.ts";

/** Far above any reply, thoughts and calls included; in UTF-16 units. */
const longestReply = 64 * 1024 * 1024;

/** Turns the lines of one streamed reply into events. Ollama gives every call whole. */
export class ReplyReader {
  readonly #freshId: () => string;
  readonly #host: string;
  #last: ChatLine | undefined;
  #calls = 0;
  #written = "";
  #length = 0;

  constructor(freshId: () => string, host: string) {
    this.#freshId = freshId;
    this.#host = host;
  }

  /** Prompt tokens as the server counted them, once it has told. */
  get promptTokens(): number | undefined {
    return this.#last?.prompt_eval_count ?? undefined;
  }

  *push(line: ChatLine): Generator<ParsedEvent> {
    if (line.done === true) this.#last = line;
    const { content, thinking, tool_calls } = line.message ?? {};
    this.#length += (content?.length ?? 0) + (thinking?.length ?? 0);
    if (thinking) yield this.#delta("thought-delta", thinking);
    if (content) yield this.#delta("text-delta", content);
    for (const part of tool_calls ?? []) yield* this.#call(part);
    if (this.#length > longestReply) throw endlessError(this.#host, "a reply");
  }

  /** The last event of a reply that the server completed. `promptEstimate` is used when it counted nothing. */
  finish(promptEstimate: number): Extract<ModelEvent, { type: "finish" }> {
    const { eval_count: tokens, eval_duration: nanoseconds } = this.#last ?? {};
    const speed = tokens && nanoseconds ? { tokensPerSecond: tokens / (nanoseconds / 1e9) } : {};
    return { type: "finish", reason: this.#finishReason(), usage: this.usage(promptEstimate), ...speed };
  }

  usage(promptEstimate: number): Usage {
    return {
      promptTokens: this.promptTokens ?? promptEstimate,
      reusedTokens: 0,
      outputTokens: this.#last?.eval_count ?? estimateTokens(this.#written),
    };
  }

  #delta(type: "text-delta" | "thought-delta", delta: string): ParsedEvent {
    this.#written += delta;
    return { type, delta };
  }

  *#call({ function: called }: ToolCallPart): Generator<ParsedEvent> {
    const id = this.#freshId();
    const name = called?.name ?? "";
    const raw = JSON.stringify(called?.arguments ?? {});
    this.#length += raw.length;
    this.#written += raw;
    const read = readArguments(called?.arguments);
    const error = name === "" ? "the call has no name" : read.ok ? undefined : read.error.message;
    if (name !== "") yield { type: "call-start", id, name };
    if (error !== undefined || !read.ok) {
      yield { type: "call-invalid", id, raw, errors: [error ?? ""], truncated: false };
      return;
    }
    yield { type: "call-delta", id, delta: raw };
    this.#calls += 1;
    yield {
      type: "call-end",
      call: { id, name, args: read.value.args, raw, via: "native", repairs: read.value.repairs },
    };
  }

  #finishReason(): FinishReason {
    if (this.#last?.done_reason === "length") return "length";
    return this.#calls > 0 ? "calls" : "stop";
  }
}
