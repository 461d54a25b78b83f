import type { ParsedEvent } from "../protocol/model-events.ts";
import { CallReader } from "./call-reader.ts";
import { TextRun } from "./text-run.ts";
import type { ToolFormat } from "./tool-format.ts";
import type { DialectParser } from "./types.ts";

/**
 * Reads generated text in any pieces, in linear time. Text that may still become a marker is held back.
 * Blank text around calls and thoughts is dropped; thoughts count as such only before the text of a run.
 */
export class StreamParser implements DialectParser {
  readonly #format: ToolFormat;
  readonly #nextCallId: () => string;
  #text: TextRun;
  #thought: TextRun | undefined;
  #call: CallReader | undefined;

  constructor(format: ToolFormat, nextCallId: () => string, startsInThought: boolean) {
    this.#format = format;
    this.#nextCallId = nextCallId;
    this.#text = this.#newText(true);
    if (startsInThought) this.#openThought();
  }

  push(text: string): ParsedEvent[] {
    const events: ParsedEvent[] = [];
    for (let index = 0; index < text.length; index++) this.#unit(text.charAt(index), events);
    if (this.#call !== undefined) events.push(...this.#call.news());
    else if (this.#thought !== undefined) events.push(...thought(this.#thought.take()));
    else events.push(...visible(this.#text.take()));
    return events;
  }

  end(truncated: boolean): ParsedEvent[] {
    if (this.#call !== undefined) return [...this.#call.finish("open", truncated)];
    if (this.#thought !== undefined) return thought(this.#thought.finish(truncated));
    return visible(this.#text.finish(truncated));
  }

  #unit(unit: string, events: ParsedEvent[]): void {
    if (this.#call !== undefined) this.#inCall(this.#call, unit, events);
    else if (this.#thought !== undefined) this.#inThought(this.#thought, unit, events);
    else this.#inText(unit, events);
  }

  #inText(unit: string, events: ParsedEvent[]): void {
    const marker = this.#text.push(unit);
    if (marker === undefined) return;
    events.push(...visible(this.#text.take()));
    if (marker === this.#format.callOpen) this.#openCall();
    else this.#openThought();
  }

  #inThought(run: TextRun, unit: string, events: ParsedEvent[]): void {
    if (run.push(unit) === undefined) return;
    events.push(...thought(run.take()));
    this.#thought = undefined;
    this.#text = this.#newText(false);
  }

  #inCall(call: CallReader, unit: string, events: ParsedEvent[]): void {
    const progress = call.push(unit);
    if (progress === "open") return;
    events.push(...call.finish(progress, false));
    this.#call = undefined;
    this.#text = this.#newText(false);
    if (progress === "next-call") this.#openCall();
  }

  #openCall(): void {
    this.#call = new CallReader(this.#nextCallId(), this.#format);
  }

  #openThought(): void {
    this.#thought = new TextRun({ anywhere: [this.#format.thinkClose], leading: [] }, false);
  }

  #newText(keepsLeadingBlanks: boolean): TextRun {
    const { callOpen, thinkOpen } = this.#format;
    return new TextRun({ anywhere: [callOpen], leading: [thinkOpen] }, keepsLeadingBlanks);
  }
}

const visible = (delta: string): ParsedEvent[] => (delta === "" ? [] : [{ type: "text-delta", delta }]);
const thought = (delta: string): ParsedEvent[] => (delta === "" ? [] : [{ type: "thought-delta", delta }]);
