import type { DialectParser } from "../../dialects/index.ts";
import type { FinishReason, ModelEvent, ParsedEvent, Usage } from "../../protocol/model-events.ts";
import { endlessError } from "../server/server-errors.ts";
import { estimateTokens } from "../server/token-estimate.ts";
import type { CallAssembly } from "./call-assembly.ts";
import type { CallDelta } from "./chat-chunk.ts";
import type { ThoughtField } from "./server-traits.ts";

/** Far above any reply, thoughts and calls included; in UTF-16 units. */
const longestReply = 64 * 1024 * 1024;

/** What the server said of the reply as a whole; what it did not say is absent. */
interface ReplySummary extends ReplyCounts {
  isCutOff?: boolean;
}

interface ReplyCounts {
  promptTokens?: number;
  reusedTokens?: number;
  outputTokens?: number;
  tokensPerSecond?: number;
}

interface ReplyParts {
  calls: CallAssembly;
  readText: () => DialectParser;
  host: string;
}

/** Puts one streamed reply together, whichever API it comes by. */
export class Reply {
  readonly host: string;
  readonly summary: ReplySummary = {};
  /** The server said that the reply is complete. */
  isDone = false;
  /** Makes what reads the visible text; a new one reads on behind a call. */
  readText: () => DialectParser;
  /** Where the server sent thoughts. */
  thoughtField: ThoughtField | undefined;
  readonly #calls: CallAssembly;
  #text: DialectParser | undefined;
  #firstTokenAt: number | undefined;
  #written = "";
  #length = 0;
  #ended = 0;

  constructor({ calls, readText, host }: ReplyParts) {
    this.#calls = calls;
    this.readText = readText;
    this.host = host;
  }

  /** Takes the counts that the server told. */
  count(told: { [Name in keyof ReplyCounts]: number | null | undefined }): void {
    for (const [name, count] of Object.entries(told)) {
      if (count != null) this.summary[name as keyof ReplyCounts] = count;
    }
  }

  *thought(delta: string, field: ThoughtField): Generator<ParsedEvent> {
    this.#grow(delta.length);
    if (delta === "") return;
    this.thoughtField = field;
    yield* this.#noted([{ type: "thought-delta", delta }]);
  }

  *text(delta: string): Generator<ParsedEvent> {
    this.#grow(delta.length);
    if (delta === "") return;
    this.#text ??= this.readText();
    yield* this.#noted(this.#text.push(delta));
  }

  *call(delta: CallDelta): Generator<ParsedEvent> {
    this.#grow(JSON.stringify(delta).length);
    yield* this.#endText(false);
    yield* this.#noted(this.#calls.push(delta));
  }

  /** Ends what is open. `isBroken`: the reply ended from outside. */
  *end(isBroken: boolean): Generator<ParsedEvent> {
    const truncated = isBroken || this.summary.isCutOff === true;
    yield* this.#endText(truncated);
    yield* this.#noted(this.#calls.finish(truncated));
  }

  /** The last event of a reply that the server completed. `promptEstimate` is used when it counted nothing. */
  finish(promptEstimate: number): Extract<ModelEvent, { type: "finish" }> {
    const usage = this.usage(promptEstimate);
    const speed = this.summary.tokensPerSecond ?? this.#measuredSpeed(usage.outputTokens);
    const tokensPerSecond = speed === undefined ? {} : { tokensPerSecond: speed };
    return { type: "finish", reason: this.#finishReason(), usage, ...tokensPerSecond };
  }

  usage(promptEstimate: number): Usage {
    const { promptTokens, reusedTokens, outputTokens } = this.summary;
    return {
      promptTokens: promptTokens ?? promptEstimate,
      reusedTokens: reusedTokens ?? 0,
      outputTokens: outputTokens ?? estimateTokens(this.#written),
    };
  }

  *#endText(truncated: boolean): Generator<ParsedEvent> {
    if (this.#text !== undefined) yield* this.#noted(this.#text.end(truncated));
    this.#text = undefined;
  }

  *#noted(events: Iterable<ParsedEvent>): Generator<ParsedEvent> {
    for (const event of events) {
      this.#firstTokenAt ??= performance.now();
      if ("delta" in event) this.#written += event.delta;
      if (event.type === "call-end") this.#ended++;
      yield event;
    }
  }

  #grow(length: number): void {
    this.#length += length;
    if (this.#length > longestReply) throw endlessError(this.host, "a reply");
  }

  #measuredSpeed(outputTokens: number): number | undefined {
    if (this.#firstTokenAt === undefined) return undefined;
    const seconds = (performance.now() - this.#firstTokenAt) / 1000;
    return seconds > 0 && outputTokens > 1 ? outputTokens / seconds : undefined;
  }

  #finishReason(): FinishReason {
    if (this.summary.isCutOff === true) return "length";
    return this.#ended > 0 ? "calls" : "stop";
  }
}
