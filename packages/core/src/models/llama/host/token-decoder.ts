import type { Token } from "./addon.ts";
import type { Vocabulary } from "./vocabulary.ts";

const replacement = "\uFFFD";
const brokenCharacter = /\uFFFD+/g;
/** A UTF-8 character has at most four bytes, and a byte token carries at least one. */
const longestCharacter = 4;
const recentLimit = 16;

/**
 * Turns tokens into text without ever breaking a character that spans several tokens. Bytes that are no character read
 * as one replacement character, since a grammar has counted them as one.
 */
export class TokenDecoder {
  readonly #vocabulary: Vocabulary;
  #pending: Token[] = [];
  #recent: Token[] = [];

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  push(token: Token): string {
    this.#pending.push(token);
    const text = this.#text();
    if (text.endsWith(replacement) && this.#pending.length < longestCharacter) return "";
    return this.#take(text);
  }

  /** What is left at the end, however broken. */
  flush(): string {
    return this.#pending.length === 0 ? "" : this.#take(this.#text());
  }

  #text(): string {
    return this.#vocabulary.detokenize(this.#pending, this.#recent);
  }

  #take(text: string): string {
    this.#recent = [...this.#recent, ...this.#pending].slice(-recentLimit);
    this.#pending = [];
    return text.replaceAll(brokenCharacter, replacement);
  }
}
