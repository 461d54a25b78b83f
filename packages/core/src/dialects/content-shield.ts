import { TrustError } from "../protocol/errors.ts";
import type { PromptSegment } from "./types.ts";

/** Private-use code points of planes 15 and 16 stand for protected strings while a template runs. */
const firstPlaceholder = 0xf0000;
const lastPlaceholder = 0x10fffd;
const privateUse = "[\\u{F0000}-\\u{FFFFD}\\u{100000}-\\u{10FFFD}]";

/**
 * Keeps special tokens inside content from becoming control tokens. `protect` replaces each by a placeholder
 * before the template is rendered; `segments` puts them back afterwards as plain text, cut so that no piece
 * is a special token. Private-use code points already in content are protected the same way.
 */
export class ContentShield {
  readonly #special: RegExp | undefined;
  readonly #protected: RegExp;
  readonly #template: string;
  readonly #placeholders = new Map<string, string>();
  readonly #originals = new Map<string, string>();
  #next = firstPlaceholder;

  constructor(specialTokens: readonly string[], template: string) {
    const texts = [...new Set(specialTokens)].filter((text) => text.trim() !== "");
    const alternatives = texts.map((text) => RegExp.escape(text));
    this.#special = texts.length === 0 ? undefined : new RegExp(alternatives.join("|"), "u");
    this.#protected = new RegExp([...alternatives, privateUse].join("|"), "gu");
    this.#template = template;
  }

  protect(text: string): string {
    return text.replace(this.#protected, (match) => this.#placeholderFor(match));
  }

  /** Protects every string in a JSON value, keys included. */
  protectValue(value: unknown): unknown {
    if (typeof value === "string") return this.protect(value);
    if (Array.isArray(value)) return value.map((item) => this.protectValue(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.protect(key), this.protectValue(item)]));
  }

  /** Cuts a rendered prompt at its placeholders. */
  segments(rendered: string): PromptSegment[] {
    const segments: PromptSegment[] = [];
    let control = "";
    const flush = (): void => {
      if (control !== "") segments.push({ kind: "control", text: control });
      control = "";
    };
    for (const piece of rendered.split(new RegExp(`(${privateUse})`, "u"))) {
      const original = this.#originals.get(piece);
      if (original === undefined) {
        control += piece;
        continue;
      }
      flush();
      for (const text of this.#harmlessPieces(original)) segments.push({ kind: "text", text });
    }
    flush();
    return segments;
  }

  #placeholderFor(text: string): string {
    const known = this.#placeholders.get(text);
    if (known !== undefined) return known;
    let placeholder = String.fromCodePoint(this.#next++);
    while (this.#template.includes(placeholder)) placeholder = String.fromCodePoint(this.#next++);
    if (this.#next > lastPlaceholder) {
      throw new TrustError("INPUT_INVALID", "the conversation holds too many different private-use characters");
    }
    this.#placeholders.set(text, placeholder);
    this.#originals.set(placeholder, text);
    return placeholder;
  }

  /** Cuts after the first character of each special token in turn, so that none is left whole. */
  #harmlessPieces(text: string): string[] {
    const pieces: string[] = [];
    let rest = text;
    while (rest !== "") {
      const match = this.#special?.exec(rest);
      if (match === undefined || match === null) return [...pieces, rest];
      const [firstCharacter = ""] = match[0];
      const end = match.index + firstCharacter.length;
      pieces.push(rest.slice(0, end));
      rest = rest.slice(end);
    }
    return pieces;
  }
}
