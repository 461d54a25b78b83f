import type { ParsedEvent } from "../../protocol/model-events.ts";
import type { ToolCall, ToolSignature } from "../../protocol/tool-call.ts";
import { formatOf } from "../format/known-formats.ts";
import type { CallFormat, ToolFormat } from "../format/tool-format.ts";
import type { DialectParser } from "../types.ts";
import type { ReadBody } from "./call-body.ts";
import type { LeakRules } from "./leaks.ts";
import { MessageParser } from "./message-parser.ts";
import { ReplyParser, type ReplyStart } from "./reply-parser.ts";
import { type Reading, Source } from "./source.ts";

export interface ParserOptions {
  /** The tools whose schemas type raw arguments. */
  tools: readonly ToolSignature[];
  nextCallId: () => string;
  startsIn: ReplyStart;
  prewritten?: string;
  via?: ToolCall["via"];
  thoughts?: "apart" | "in-text";
  rescue?: (raw: string, format: CallFormat) => ReadBody | undefined;
  /** Whether a call printed as text is one: its name and arguments fit a tool. Absent: such text stays text. */
  judgeLeak?: LeakRules["judge"];
}

/**
 * Reads generated text in any pieces, in linear time, as a format says. What may still become a marker is held back,
 * and nothing depends on where the pieces end.
 */
export class StreamParser implements DialectParser {
  readonly #source = new Source();
  readonly #reading: Reading;
  #events: ParsedEvent[] = [];

  constructor(format: ToolFormat, options: ParserOptions) {
    const settings = {
      format,
      source: this.#source,
      tools: new Map(options.tools.map((tool) => [tool.name, tool])),
      via: options.via ?? ("parsed" as const),
      nextCallId: options.nextCallId,
      emit: (event: ParsedEvent) => this.#emit(event),
      rescue: options.rescue ?? (() => undefined),
      startsIn: options.startsIn,
      prewritten: options.prewritten ?? "",
      thoughts: options.thoughts ?? ("apart" as const),
      leaks: options.judgeLeak === undefined ? undefined : { judge: options.judgeLeak, read: readWith(options.tools) },
    };
    const { messages } = format;
    this.#reading =
      messages === undefined ? new ReplyParser(settings).read() : new MessageParser(settings, messages).read();
  }

  push(text: string): ParsedEvent[] {
    this.#source.push(text);
    return this.#advance();
  }

  end(truncated: boolean): ParsedEvent[] {
    this.#source.truncated = truncated;
    this.#source.ended = true;
    return this.#advance();
  }

  /** Pieces of one text that were read together are passed on together. */
  #emit(event: ParsedEvent): void {
    const last = this.#events.at(-1);
    const isMore =
      last !== undefined &&
      "delta" in last &&
      "delta" in event &&
      last.type === event.type &&
      idOf(last) === idOf(event);
    if (isMore) this.#events[this.#events.length - 1] = { ...last, delta: last.delta + event.delta };
    else this.#events.push(event);
  }

  #advance(): ParsedEvent[] {
    this.#events = [];
    this.#reading.next();
    return this.#events;
  }
}

const idOf = (event: ParsedEvent): string => ("id" in event ? event.id : "");

/** Reads a whole text as nothing but calls of one format. */
function readWith(tools: readonly ToolSignature[]): LeakRules["read"] {
  return (text, calls) => {
    const parser = new StreamParser(
      { ...formatOf(calls), thought: undefined },
      { tools, nextCallId: () => "leak", startsIn: "reply" },
    );
    const events = [...parser.push(text), ...parser.end(false)];
    const found = events.flatMap((event) => (event.type === "call-end" ? [event.call] : []));
    return events.some(({ type }) => type === "text-delta" || type === "call-invalid") ? undefined : found;
  };
}
