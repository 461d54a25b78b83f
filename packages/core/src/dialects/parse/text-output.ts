import type { ParsedEvent } from "../../protocol/model-events.ts";
import { isBlank } from "./source.ts";

const longestFence = 4000;
const isFence = (line: string): boolean => /^\s*(```|~~~)/.test(line);

/**
 * Passes text and thoughts on. Blanks are held back until text follows: those around thoughts, and those that a
 * template writes between text and calls, belong to the format and are dropped.
 */
export class TextOutput {
  hasText = false;
  readonly #emit: (event: ParsedEvent) => void;
  #blanks = "";
  /** After a thought or calls the blanks before the next text are the format's. */
  #dropsBlanks = false;
  #keepsThoughts = false;
  #thoughtBlanks = "";
  #hasThought = false;
  #lead = "";
  #goesOn = false;
  /** The line that is being written, as far as it tells of code fences. */
  #line = "";
  #inFence = false;

  constructor(emit: (event: ParsedEvent) => void) {
    this.#emit = emit;
  }

  text(text: string): void {
    if (text.trim() === "") {
      this.#blanks += text;
      return;
    }
    const whole = this.#blanks + text;
    const end = endOfText(whole);
    this.#blanks = whole.slice(end);
    if (end === 0) return;
    const start = this.#dropsBlanks ? startOfText(whole) : 0;
    this.#dropsBlanks = false;
    this.hasText = true;
    this.#follow(whole.slice(start, end));
    this.#emit({ type: "text-delta", delta: whole.slice(start, end) });
  }

  /** Text that comes now begins a line, and no code fence is open. */
  get atPlainLine(): boolean {
    const lines = (this.#line + this.#blanks).split("\n");
    const last = lines.pop() ?? "";
    return last.trim() === "" && lines.filter(isFence).length % 2 === (this.#inFence ? 1 : 0);
  }

  /** Text that comes now stands in a code fence, or within backticks of its line. */
  get inCode(): boolean {
    if (this.#blanks.includes("\n")) return this.#inFence !== (isFence(this.#line) && !this.#inFence);
    return this.#inFence || (this.#line.split("`").length - 1) % 2 === 1;
  }

  #follow(text: string): void {
    if (!text.includes("\n")) {
      if (this.#line.length < longestFence) this.#line = (this.#line + text).slice(0, longestFence);
      return;
    }
    const lines = (this.#line + text).split("\n");
    this.#line = (lines.pop() ?? "").slice(0, longestFence);
    for (const line of lines) if (isFence(line)) this.#inFence = !this.#inFence;
  }

  /** `lead`: the blanks that the template writes before calls. */
  beforeCalls(lead: string): void {
    if (this.hasText && this.#blanks !== "") {
      const kept = lead !== "" && this.#blanks.endsWith(lead) ? this.#blanks.slice(0, -lead.length) : this.#blanks;
      if (kept !== "") this.#emit({ type: "text-delta", delta: kept });
    }
    this.#blanks = "";
  }

  afterCalls(): void {
    this.#dropsBlanks = true;
  }

  forgetBlanks(): void {
    if (!this.hasText) this.#blanks = "";
  }

  /** The next thought goes on within its text: its first blanks count. */
  goOnWithThought(): void {
    this.#goesOn = true;
  }

  /** With `keeps` the thought becomes text: `lead` is its open marker, written once something follows it. */
  // oxlint-disable-next-line max-params -- how one thought begins
  beginThought(keeps: boolean, lead: string, prewritten: string): void {
    this.#keepsThoughts = keeps;
    this.#thoughtBlanks = "";
    this.#hasThought = this.#goesOn;
    this.#goesOn = false;
    this.#lead = lead;
    if (prewritten !== "") this.thought(prewritten);
  }

  thought(text: string): void {
    if (this.#keepsThoughts) {
      this.#asText(text);
      return;
    }
    const whole = this.#thoughtBlanks + text;
    const end = endOfText(whole);
    const start = this.#hasThought ? 0 : startOfText(whole);
    this.#thoughtBlanks = whole.slice(end);
    if (end <= start) return;
    this.#hasThought = true;
    this.#emit({ type: "thought-delta", delta: whole.slice(start, end) });
  }

  endThought(close: string): void {
    if (this.#keepsThoughts) {
      if (close !== "") this.#asText(close);
      return;
    }
    this.#thoughtBlanks = "";
    if (!this.hasText) this.#dropsBlanks = true;
  }

  /** The reply is over. */
  finish(): void {
    if (this.hasText && this.#blanks !== "" && !this.#dropsBlanks)
      this.#emit({ type: "text-delta", delta: this.#blanks });
    this.#blanks = "";
  }

  #asText(text: string): void {
    const lead = this.#lead;
    this.#lead = "";
    this.text(lead + text);
  }
}

function startOfText(text: string): number {
  return text.length - text.trimStart().length;
}

function endOfText(text: string): number {
  let end = text.length;
  while (end > 0 && isBlank(text.charAt(end - 1))) end--;
  return end;
}
