import {
  charactersOf,
  codePoint,
  type CodePoints,
  codePointsOf,
  codePoints,
  complement,
  union,
} from "./code-points.ts";
import { empty, type Pattern, repeat } from "./pattern.ts";

const digits = codePoints([0x30, 0x39]);
const wordCharacters = union(digits, codePoints([0x41, 0x5a], [0x61, 0x7a], [0x5f, 0x5f]));
const lineEnds = codePointsOf("\n\r\u2028\u2029");
const blanks = union(
  lineEnds,
  codePointsOf(
    "\t\v\f \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\ufeff",
  ),
);

const namedSets: Readonly<Record<string, CodePoints>> = {
  d: digits,
  D: complement(digits),
  w: wordCharacters,
  W: complement(wordCharacters),
  s: blanks,
  S: complement(blanks),
};
const namedCharacters: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, v: 11, f: 12, "0": 0 };

const longestSource = 1000;
const deepestNesting = 40;

/**
 * A regular expression of ECMAScript (ECMA-262, 22.2) as a tree; undefined where it is none, or where it needs
 * what a grammar cannot say: back references, Unicode properties. Assertions besides `^` and `$` are left out,
 * so that the tree admits more than they would. Lazy repetition is the same as greedy.
 */
export function parsePattern(source: string): Pattern | undefined {
  if (source.length > longestSource) return undefined;
  const parser = new PatternParser(source);
  try {
    return parser.parse();
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

class Unsupported extends Error {}

class PatternParser {
  readonly #characters: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#characters = charactersOf(source);
  }

  parse(): Pattern {
    const pattern = this.#choice();
    if (this.#at < this.#characters.length) throw new Unsupported();
    return pattern;
  }

  #choice(): Pattern {
    if (++this.#depth > deepestNesting) throw new Unsupported();
    const options = [this.#sequence()];
    while (this.#take("|")) options.push(this.#sequence());
    this.#depth--;
    const [only = empty] = options;
    return options.length === 1 ? only : { type: "choice", options };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    for (let next = this.#peek(); next !== undefined && next !== "|" && next !== ")"; next = this.#peek()) {
      parts.push(this.#quantified(this.#atom()));
    }
    const [only = empty] = parts;
    return parts.length === 1 ? only : { type: "sequence", parts };
  }

  #atom(): Pattern {
    const character = this.#next();
    switch (character) {
      case "^":
        return { type: "anchor", at: "start" };
      case "$":
        return { type: "anchor", at: "end" };
      case ".":
        return { type: "set", set: complement(lineEnds) };
      case "(":
        return this.#group();
      case "[":
        return this.#class();
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
      case "{":
        throw new Unsupported();
      default:
        return { type: "set", set: codePointsOf(character) };
    }
  }

  #group(): Pattern {
    const isAssertion = this.#skip(/^\?<?[=!]/);
    if (!isAssertion && !this.#skip(/^\?:/)) this.#skip(/^\?<[\p{L}_$][\p{L}\p{N}_$]*>/u);
    if (this.#peek() === "?") throw new Unsupported();
    const inner = this.#choice();
    if (!this.#take(")")) throw new Unsupported();
    return isAssertion ? empty : inner;
  }

  #quantified(atom: Pattern): Pattern {
    const [least, most] = this.#quantifier();
    if (least === 1 && most === 1) return atom;
    this.#take("?");
    if (least > most || atom.type === "anchor") throw new Unsupported();
    return repeat(atom, least, most);
  }

  #quantifier(): [least: number, most: number] {
    if (this.#take("*")) return [0, Infinity];
    if (this.#take("+")) return [1, Infinity];
    if (this.#take("?")) return [0, 1];
    if (this.#peek() !== "{") return [1, 1];
    const match = /^\{(\d+)(,(\d*))?\}/.exec(this.#rest());
    if (match === null) throw new Unsupported();
    this.#at += match[0].length;
    const least = Number(match[1]);
    if (match[2] === undefined) return [least, least];
    return [least, match[3] === "" ? Infinity : Number(match[3])];
  }

  #escape(): Pattern {
    const name = this.#peek();
    if (name === "b" || name === "B") {
      this.#at++;
      return empty;
    }
    return { type: "set", set: this.#escapedSet() };
  }

  /** What follows a backslash, within a class or outside. */
  #escapedSet(): CodePoints {
    const name = this.#next();
    const set = namedSets[name];
    if (set !== undefined) return set;
    const code =
      namedCharacters[name] ?? this.#numbered(name) ?? (/[a-zA-Z0-9]/.test(name) ? undefined : codePoint(name));
    if (code === undefined || isSurrogate(code)) throw new Unsupported();
    return [[code, code]];
  }

  #numbered(name: string): number | undefined {
    const shape = { x: /^([0-9a-fA-F]{2})/, u: /^(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{4}))/, c: /^([a-zA-Z])/ }[name];
    const match = shape?.exec(this.#rest());
    if (match === null || match === undefined) return undefined;
    this.#at += match[0].length;
    const text = match[1] ?? match[2] ?? "";
    return name === "c" ? codePoint(text) % 32 : Number.parseInt(text, 16);
  }

  #class(): Pattern {
    const isNegated = this.#take("^");
    let set: CodePoints = [];
    while (!this.#take("]")) {
      const from = this.#classMember();
      const isRange = this.#peek() === "-" && this.#characters[this.#at + 1] !== "]";
      if (isRange) this.#at++;
      set = union(set, isRange ? rangeOf(from, this.#classMember()) : from);
    }
    const chosen = isNegated ? complement(set) : set;
    if (chosen.length === 0) throw new Unsupported();
    return { type: "set", set: chosen };
  }

  #classMember(): CodePoints {
    const character = this.#next();
    if (character !== "\\") return codePointsOf(character);
    return this.#take("b") ? [[8, 8]] : this.#escapedSet();
  }

  #peek(): string | undefined {
    return this.#characters[this.#at];
  }

  #next(): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) throw new Unsupported();
    return character;
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }

  #skip(shape: RegExp): boolean {
    const match = shape.exec(this.#rest());
    this.#at += charactersOf(match?.[0] ?? "").length;
    return match !== null;
  }

  #rest(): string {
    return this.#characters.slice(this.#at, this.#at + 60).join("");
  }
}

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

function rangeOf(from: CodePoints, to: CodePoints): CodePoints {
  const [first] = from;
  const [last] = to;
  if (from.length !== 1 || to.length !== 1 || first === undefined || last === undefined) throw new Unsupported();
  if (first[0] !== first[1] || last[0] !== last[1] || first[0] > last[0]) throw new Unsupported();
  return codePoints([first[0], last[0]]);
}
