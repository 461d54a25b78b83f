import type { Token } from "./addon.ts";
import { DraftLength } from "./draft-length.ts";
import type { Drafter } from "./job.ts";
import { NgramIndex } from "./ngram-index.ts";

/** Guesses that text which stood in the conversation before, in files and results too, goes on as it did there. */
export class NgramDrafter implements Drafter {
  readonly #index = new NgramIndex();
  readonly #length = new DraftLength();

  push(tokens: readonly Token[]): void {
    for (const token of tokens) this.#index.push(token);
  }

  guess(limit: number): readonly Token[] {
    const found = this.#index.continuation(limit);
    return found === undefined ? [] : found.tokens.slice(0, this.#length.next(found.match));
  }

  learn(step: { drafted: number; accepted: number; milliseconds: number }): void {
    this.#length.learn(step);
  }

  dispose(): void {
    // It holds nothing but memory.
  }
}
