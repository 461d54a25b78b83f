/** A reader that stops where the text so far does not decide, and goes on when more has come. */
export type Reading<Value = void> = Generator<void, Value, void>;

/**
 * Generated text as it arrives. Every decision waits until the text decides it whatever comes next, so that the
 * result never depends on how the text was split. Readers look ahead by offsets from `at`: what lies behind is
 * forgotten with the next piece.
 */
export class Source {
  text = "";
  at = 0;
  ended = false;
  /** The reply was cut off where the text ends. */
  truncated = false;
  #recorded: string[] | undefined;

  push(text: string): void {
    this.text = this.text.slice(this.at) + text;
    this.at = 0;
  }

  /** Nothing is left and nothing will come. */
  get done(): boolean {
    return this.ended && this.at >= this.text.length;
  }

  /** Starts to keep what is taken. */
  record(): void {
    this.#recorded = [];
  }

  /** What was taken since `record`. */
  recorded(): string {
    return this.#recorded?.join("") ?? "";
  }

  take(length: number): string {
    const taken = this.text.slice(this.at, this.at + length);
    this.at += taken.length;
    this.#recorded?.push(taken);
    return taken;
  }

  /** The character at an offset, or "" behind the end. */
  *peek(offset = 0): Reading<string> {
    while (this.at + offset >= this.text.length && !this.ended) yield;
    return this.text.charAt(this.at + offset);
  }

  /** Whether `marker` stands at an offset. */
  *sees(marker: string, offset = 0): Reading<boolean> {
    while (!this.ended) {
      const there = this.text.slice(this.at + offset, this.at + offset + marker.length);
      if (there.length >= marker.length || !marker.startsWith(there)) break;
      yield;
    }
    return this.text.startsWith(marker, this.at + offset);
  }

  /** How many blanks come next. */
  *blanksAhead(offset = 0): Reading<number> {
    let count = 0;
    while (isBlank(yield* this.peek(offset + count))) count++;
    return count;
  }

  /** Takes blanks. */
  *blanks(): Reading<string> {
    return this.take(yield* this.blanksAhead());
  }

  /** Takes `marker` when it comes next. */
  *accept(marker: string): Reading<boolean> {
    if (marker === "" || !(yield* this.sees(marker))) return false;
    this.take(marker.length);
    return true;
  }

  /** The offset behind `marker` without its outer blanks, when it comes next behind any blanks; else undefined. */
  *endOf(marker: string, offset = 0): Reading<number | undefined> {
    const core = marker.trim();
    if (core === "") return undefined;
    const at = offset + (yield* this.blanksAhead(offset));
    return (yield* this.sees(core, at)) ? at + core.length : undefined;
  }

  /** Takes the core of `marker` and the blanks before it, when they come next; else nothing. */
  *acceptLoose(marker: string): Reading<boolean> {
    const end = yield* this.endOf(marker);
    if (end !== undefined) this.take(end);
    return end !== undefined;
  }

  /** Takes what a sticky pattern matches, on over as many pieces as it needs; `emit` gets it as it comes. */
  *takeWhile(pattern: RegExp, emit: (text: string) => void): Reading {
    while (true) {
      pattern.lastIndex = this.at;
      const match = pattern.exec(this.text);
      if (match !== null && match[0] !== "") emit(this.take(match[0].length));
      if (this.at < this.text.length || this.ended) return;
      yield;
    }
  }
}

export const isBlank = (character: string): boolean => character !== "" && character.trim() === "";
