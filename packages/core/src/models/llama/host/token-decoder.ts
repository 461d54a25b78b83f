import type { Token } from "./addon.ts";
import type { Vocabulary } from "./vocabulary.ts";

const replacement = "\uFFFD";
const brokenCharacters = /\uFFFD+/g;
const leadingBroken = /^\uFFFD+/;
const trailingBroken = /\uFFFD+$/;
/** A UTF-8 character has at most four bytes, and a byte token carries at least one. */
const longestCharacter = 4;
const recentLimit = 16;

/**
 * Turns tokens into text without ever breaking a character that spans several tokens. Bytes that are no character read
 * as one replacement character, since a grammar has counted them as one.
 */
export class TokenDecoder {
  readonly #vocabulary: Vocabulary;
  #recent: Token[] = [];
  /** Their text ends with what is no character, or not yet. */
  #pending: Token[] = [];
  /** Characters of their text that were shown. */
  #shown = 0;
  /** How many of them, at the end, completed nothing. */
  #waiting = 0;
  /** The replacement character for what their text begins with was shown. */
  #isBroken = false;

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  push(token: Token): string {
    this.#pending.push(token);
    const text = this.#vocabulary.detokenize(this.#pending, this.#recent);
    if (!text.endsWith(replacement)) return this.#take(this.#unseen(text));
    const unseen = this.#unseen(text.replace(trailingBroken, ""));
    this.#shown += unseen.length;
    this.#waiting = unseen === "" ? this.#waiting + 1 : 1;
    return this.#waiting < longestCharacter ? collapsed(unseen) : this.#giveUp();
  }

  /** What is left at the end, however broken. */
  flush(): string {
    if (this.#pending.length === 0) return "";
    return this.#take(this.#unseen(this.#vocabulary.detokenize(this.#pending, this.#recent)));
  }

  #unseen(text: string): string {
    return (this.#isBroken ? text.replace(leadingBroken, "") : text).slice(this.#shown);
  }

  /** What the last tokens began will be no character; one that is still to come begins in the last three. */
  #giveUp(): string {
    const isSaid = this.#isBroken && this.#shown === 0;
    const kept = this.#pending.slice(1 - longestCharacter);
    this.#take("");
    this.#pending = kept;
    this.#waiting = kept.length;
    this.#isBroken = true;
    // Bytes in front, which may belong to the same character, are no context.
    this.#recent = [];
    return isSaid ? "" : replacement;
  }

  #take(text: string): string {
    this.#recent = [...this.#recent, ...this.#pending].slice(-recentLimit);
    this.#pending = [];
    this.#shown = 0;
    this.#waiting = 0;
    this.#isBroken = false;
    return collapsed(text);
  }
}

const collapsed = (text: string): string => text.replaceAll(brokenCharacters, replacement);
