import { setImmediate } from "node:timers/promises";

import type { HostSegment } from "../../../protocol/host.ts";
import type { AddonModel, Token } from "./addon.ts";

/** `llama_vocab_type` of llama.h. */
const sentencePiece = 1;
const recentTokens = 16;
/** Texts beyond this many characters are cut before they are tokenised: a megabyte takes a quarter of a second. */
const longestPiece = 16_384;
const keptCharacters = 4_000_000;

/** The model's tokens, and how text becomes tokens and tokens text. */
export class Vocabulary {
  readonly bos: Token | undefined;
  readonly eos: Token | undefined;
  readonly separator: Token | undefined;
  readonly prependsBos: boolean;
  readonly #model: AddonModel;
  readonly #type: number;
  readonly #known = new Map<string, readonly Token[]>();
  #knownCharacters = 0;

  constructor(model: AddonModel) {
    this.#model = model;
    this.#type = model.getVocabularyType();
    this.bos = present(model.tokenBos());
    this.eos = present(model.tokenEos());
    this.separator = present(model.sepToken());
    this.prependsBos = model.shouldPrependBosToken();
  }

  text(token: Token | undefined): string {
    return token === undefined ? "" : this.#model.getTokenString(token);
  }

  isEnd(token: Token): boolean {
    return this.#model.isEogToken(token);
  }

  /** The model's own tokens for infill, when it has all three. */
  get infill(): { prefix: Token; suffix: Token; middle: Token } | undefined {
    const [prefix, suffix, middle] = [
      present(this.#model.prefixToken()),
      present(this.#model.suffixToken()),
      present(this.#model.middleToken()),
    ];
    if (prefix === undefined || suffix === undefined || middle === undefined) return undefined;
    return { prefix, suffix, middle };
  }

  /** `special`: control tokens in the text become tokens. `inner`: the text does not begin a text of its own. */
  tokenize(text: string, special: boolean, inner = false): Token[] {
    if (text === "") return [];
    if (inner && this.#type === sentencePiece) return this.#tokenizeInner(text, special);
    return Array.from(this.#model.tokenize(text, special));
  }

  /** `before`: tokens in front, which decide whether a blank belongs to the text. */
  detokenize(tokens: readonly Token[], before: readonly Token[] = []): string {
    if (tokens.length === 0) return "";
    const known = before.slice(-recentTokens);
    const knownText = this.#text(known);
    if (knownText === "") return this.#text(tokens);
    const text = this.#text([...known, ...tokens]);
    return text.startsWith(knownText) ? text.slice(knownText.length) : this.#text(tokens);
  }

  /**
   * Tokenises each segment alone, so that text can never complete a control token. Long texts are cut at places that
   * depend only on what stands before them, so that a prompt that goes on keeps its tokens. Lets others run meanwhile.
   */
  async tokenizePrompt(prompt: readonly HostSegment[]): Promise<Token[]> {
    const tokens: Token[] = [];
    for (const [index, { kind, text }] of prompt.entries()) {
      for (const [place, piece] of pieces(text).entries()) {
        const known = this.#remembered(piece, kind === "control", index > 0 || place > 0);
        for (const token of known.tokens) tokens.push(token);
        if (known.isNew && piece.length > 1000) await setImmediate();
      }
    }
    if (this.prependsBos && this.bos !== undefined && tokens[0] !== this.bos) tokens.unshift(this.bos);
    return tokens;
  }

  #remembered(text: string, special: boolean, inner: boolean): { tokens: readonly Token[]; isNew: boolean } {
    const key = `${special ? "c" : "t"}${inner ? "i" : "f"}${text}`;
    const known = this.#known.get(key);
    if (known !== undefined) return { tokens: known, isNew: false };
    const tokens = this.tokenize(text, special, inner);
    if (this.#knownCharacters > keptCharacters) {
      this.#known.clear();
      this.#knownCharacters = 0;
    }
    this.#known.set(key, tokens);
    this.#knownCharacters += key.length;
    return { tokens, isNew: true };
  }

  /** SentencePiece puts a blank in front of every text; behind a token that is no text, it does not. */
  #tokenizeInner(text: string, special: boolean): Token[] {
    const marker = special ? (this.bos ?? this.eos) : undefined;
    if (marker !== undefined) {
      const tokens = Array.from(this.#model.tokenize(this.text(marker) + text, true));
      const at = tokens.indexOf(marker);
      if (at === 0 || at === 1) {
        const rest = tokens.slice(at + 1);
        if (leadingBlanks(this.#text(rest)) === leadingBlanks(text)) return rest;
      }
    }
    const lineEnd = Array.from(this.#model.tokenize("\n", special));
    const tokens = Array.from(this.#model.tokenize(`\n${text}`, special));
    const begins = lineEnd.length > 0 && lineEnd.every((token, index) => tokens[index] === token);
    return begins ? tokens.slice(lineEnd.length) : Array.from(this.#model.tokenize(text, special));
  }

  #text(tokens: readonly Token[]): string {
    return tokens.length === 0 ? "" : this.#model.detokenize(Uint32Array.from(tokens), true);
  }
}

const present = (token: Token): Token | undefined => (token < 0 ? undefined : token);

const leadingBlanks = (text: string): number => text.length - text.replace(/^ +/, "").length;

/** Cuts a long text behind the first line end after every 16,384 characters, where the next line is not indented. */
function pieces(text: string): string[] {
  if (text.length <= longestPiece) return [text];
  const parts: string[] = [];
  let from = 0;
  while (text.length - from > longestPiece) {
    const cut = cutAfter(text, from + longestPiece);
    if (cut === undefined) break;
    parts.push(text.slice(from, cut));
    from = cut;
  }
  return [...parts, text.slice(from)];
}

/** A place that stays one however the text goes on: the character behind it is there already. */
function cutAfter(text: string, from: number): number | undefined {
  for (let at = text.indexOf("\n", from); at >= 0; at = text.indexOf("\n", at + 1)) {
    const next = text[at + 1];
    if (next !== undefined && !/\s/.test(next)) return at + 1;
  }
  return undefined;
}
