import { type DialectParser, readArguments } from "../../dialects/index.ts";
import type { FinishReason, ModelEvent, ParsedEvent, Usage } from "../../protocol/model-events.ts";
import { createReplyText } from "../server/reply-text.ts";
import { endlessError } from "../server/server-errors.ts";
import { estimateTokens } from "../server/token-estimate.ts";
import type { ReplyLine, ToolCallPart } from "./wire.ts";

/** Far above any reply, thoughts and calls included; in UTF-16 units. */
const longestReply = 64 * 1024 * 1024;

/** Turns the lines of one streamed reply into events. Ollama gives every call whole. */
export class ReplyReader {
  readonly #freshId: () => string;
  readonly #host: string;
  /** Makes what reads the visible text; a new one reads on behind a call. */
  readText: () => DialectParser;
  #text: DialectParser | undefined;
  #last: ReplyLine | undefined;
  #calls = 0;
  #written = "";
  #length = 0;
  /** Something of the reply was given out. */
  hasBegun = false;

  constructor(freshId: () => string, host: string) {
    this.#freshId = freshId;
    this.#host = host;
    this.readText = () => createReplyText([], freshId);
  }

  /** Prompt tokens as the server counted them, once it has told. */
  get promptTokens(): number | undefined {
    return this.#last?.prompt_eval_count ?? undefined;
  }

  *push(line: ReplyLine): Generator<ParsedEvent> {
    if (line.done === true) this.#last = line;
    const { content, thinking, tool_calls } = line.message ?? {};
    this.#grow((content?.length ?? 0) + (thinking?.length ?? 0));
    if (thinking) yield* this.#noted([{ type: "thought-delta", delta: thinking }]);
    if (content) {
      this.#text ??= this.readText();
      yield* this.#noted(this.#text.push(content));
    }
    for (const part of tool_calls ?? []) {
      yield* this.#endText(false);
      yield* this.#noted(this.#call(part));
    }
  }

  /** Ends what is open. `isBroken`: the reply ended from outside. */
  *end(isBroken: boolean): Generator<ParsedEvent> {
    yield* this.#endText(isBroken || this.#isCutOff);
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

  get #isCutOff(): boolean {
    return this.#last?.done_reason === "length";
  }

  *#endText(truncated: boolean): Generator<ParsedEvent> {
    if (this.#text !== undefined) yield* this.#noted(this.#text.end(truncated));
    this.#text = undefined;
  }

  *#noted(events: Iterable<ParsedEvent>): Generator<ParsedEvent> {
    for (const event of events) {
      this.hasBegun = true;
      if ("delta" in event) this.#written += event.delta;
      if (event.type === "call-end") this.#calls++;
      yield event;
    }
  }

  *#call({ function: called }: ToolCallPart): Generator<ParsedEvent> {
    const id = this.#freshId();
    const name = called?.name ?? "";
    const raw = JSON.stringify(called?.arguments ?? {});
    this.#grow(raw.length);
    const read = readArguments(called?.arguments);
    const error = name === "" ? "the call has no name" : read.ok ? undefined : read.error.message;
    if (name !== "") yield { type: "call-start", id, name };
    if (error !== undefined || !read.ok) {
      yield { type: "call-invalid", id, raw, errors: [error ?? ""], truncated: false };
      return;
    }
    yield { type: "call-delta", id, delta: raw };
    const { args, repairs } = read.value;
    yield { type: "call-end", call: { id, name, args, raw, via: "native", repairs } };
  }

  #grow(length: number): void {
    this.#length += length;
    if (this.#length > longestReply) throw endlessError(this.#host, "a reply");
  }

  #finishReason(): FinishReason {
    if (this.#isCutOff) return "length";
    return this.#calls > 0 ? "calls" : "stop";
  }
}
