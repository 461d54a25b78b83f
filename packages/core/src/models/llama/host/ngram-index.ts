import type { Token } from "./addon.ts";

/** Tokens that must repeat before what followed them is worth guessing. */
const shortest = 3;
const longestMatch = 32;
/** Earlier places that are compared; the nearest come first. */
const mostPlaces = 8;

export interface Continuation {
  /** How many tokens before the end stand before the earlier place too. */
  match: number;
  tokens: Token[];
}

/** All tokens of a conversation, and where each three of them stood before. Adding a token takes constant time. */
export class NgramIndex {
  readonly #tokens: Token[] = [];
  /** By three tokens: the place behind their latest occurrence. */
  readonly #latest = new Map<number, number>();
  /** By place: the next earlier one behind the same three tokens; 0 when there is none. */
  readonly #earlier: number[] = [];

  push(token: Token): void {
    this.#tokens.push(token);
    const place = this.#tokens.length;
    this.#earlier[place] = 0;
    if (place < shortest) return;
    const key = this.#keyBefore(place);
    this.#earlier[place] = this.#latest.get(key) ?? 0;
    this.#latest.set(key, place);
  }

  /** What followed the last tokens where they stood before: the longest match, and of equal ones the nearest. */
  continuation(limit: number): Continuation | undefined {
    let best = { place: 0, match: 0 };
    let place = this.#earlier[this.#tokens.length] ?? 0;
    for (let tried = 0; place > 0 && tried < mostPlaces; tried++) {
      const match = this.#matchBefore(place);
      if (match > best.match) best = { place, match };
      if (match >= longestMatch) break;
      place = this.#earlier[place] ?? 0;
    }
    if (best.match < shortest) return undefined;
    return { match: best.match, tokens: this.#tokens.slice(best.place, best.place + limit) };
  }

  #matchBefore(place: number): number {
    const end = this.#tokens.length;
    let match = 0;
    const limit = Math.min(longestMatch, place);
    while (match < limit && this.#tokens[place - 1 - match] === this.#tokens[end - 1 - match]) match++;
    return match;
  }

  /** Two keys may be equal for different tokens of very large vocabularies; matches are compared anyway. */
  #keyBefore(place: number): number {
    const [a = 0, b = 0, c = 0] = this.#tokens.slice(place - shortest, place);
    return (a * 262_144 + b) * 262_144 + c;
  }
}
