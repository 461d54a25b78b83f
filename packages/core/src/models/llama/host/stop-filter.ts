/**
 * Looks for stop texts in a stream. `push` returns what may be shown: a tail that could
 * still become a stop text is held back, and `stopped` says that one was found.
 */
export class StopFilter {
  readonly #stops: readonly string[];
  #held = "";
  stopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  push(text: string): string {
    if (this.#stops.length === 0) return text;
    this.#held += text;
    const found = this.#stops.map((stop) => this.#held.indexOf(stop)).filter((index) => index >= 0);
    if (found.length > 0) {
      this.stopped = true;
      return this.#release(Math.min(...found), "");
    }
    const kept = heldTail(this.#held, this.#stops);
    return this.#release(this.#held.length - kept, this.#held.slice(this.#held.length - kept));
  }

  flush(): string {
    return this.#release(this.#held.length, "");
  }

  #release(length: number, held: string): string {
    const text = this.#held.slice(0, length);
    this.#held = held;
    return text;
  }
}

/** Length of the longest end of `text` that begins one of `markers`.  @internal */
export function heldTail(text: string, markers: readonly string[]): number {
  let longest = 0;
  for (const marker of markers) {
    const limit = Math.min(marker.length - 1, text.length);
    for (let length = limit; length > longest; length--) {
      if (text.endsWith(marker.slice(0, length))) {
        longest = length;
        break;
      }
    }
  }
  return longest;
}
