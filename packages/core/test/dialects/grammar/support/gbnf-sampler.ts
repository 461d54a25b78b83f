/** A GBNF expression as a tree. */
type Expression =
  | { type: "text"; text: string }
  | { type: "class"; characters: readonly string[] }
  | { type: "rule"; name: string }
  | { type: "sequence"; parts: readonly Expression[] }
  | { type: "choice"; options: readonly Expression[] }
  | { type: "repeat"; inner: Expression; least: number; most: number };

/** Characters that classes are tried with, so that texts hold what escaping and counting could get wrong. */
const sampleCharacters = Array.from("aZ09bcdfnrtuxAF _-.,:;/@+'\"\\<>|{}[]()é日\u0001\n\t~");
const mostRepeats = 4;

/** Writes random texts of a grammar. `random` gives numbers from 0 to below 1. */
export function gbnfSampler(gbnf: string, root = "root"): (random: () => number) => string {
  const rules = parseRules(gbnf);
  const sizes = smallestSizes(rules);
  return (random) => new Walk(rules, sizes, random).text({ type: "rule", name: root }, 0);
}

class Walk {
  readonly #rules: ReadonlyMap<string, Expression>;
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #random: () => number;

  constructor(rules: ReadonlyMap<string, Expression>, sizes: ReadonlyMap<string, number>, random: () => number) {
    this.#rules = rules;
    this.#sizes = sizes;
    this.#random = random;
  }

  text(expression: Expression, depth: number): string {
    switch (expression.type) {
      case "text":
        return expression.text;
      case "class":
        return this.#one(expression.characters);
      case "rule":
        return this.text(ruleOf(this.#rules, expression.name), depth + 1);
      case "sequence":
        return expression.parts.map((part) => this.text(part, depth)).join("");
      case "choice":
        return this.text(depth > 40 ? this.#smallest(expression.options) : this.#one(expression.options), depth);
      case "repeat": {
        const spread = depth > 40 ? 0 : Math.min(expression.most - expression.least, mostRepeats);
        const count = expression.least + Math.floor(this.#random() * (spread + 1));
        return Array.from({ length: count }, () => this.text(expression.inner, depth)).join("");
      }
    }
  }

  #one<T>(options: readonly T[]): T {
    const chosen = options[Math.floor(this.#random() * options.length)];
    if (chosen === undefined) throw new Error("nothing to choose from");
    return chosen;
  }

  #smallest(options: readonly Expression[]): Expression {
    const sorted = options.toSorted((a, b) => sizeOf(a, this.#sizes) - sizeOf(b, this.#sizes));
    return this.#one(sorted.slice(0, 1));
  }
}

function ruleOf<T>(rules: ReadonlyMap<string, T>, name: string): T {
  const rule = rules.get(name);
  if (rule === undefined) throw new Error(`undefined rule ${name}`);
  return rule;
}

/** How few rules each rule leads to; what never ends has no finite size. */
function smallestSizes(rules: ReadonlyMap<string, Expression>): ReadonlyMap<string, number> {
  const sizes = new Map([...rules.keys()].map((name): [string, number] => [name, Infinity]));
  for (let changed = true; changed;) {
    changed = false;
    for (const [name, body] of rules) {
      const size = 1 + sizeOf(body, sizes);
      changed ||= size < ruleOf(sizes, name);
      sizes.set(name, Math.min(size, ruleOf(sizes, name)));
    }
  }
  return sizes;
}

function sizeOf(expression: Expression, sizes: ReadonlyMap<string, number>): number {
  switch (expression.type) {
    case "text":
    case "class":
      return 0;
    case "rule":
      return ruleOf(sizes, expression.name);
    case "sequence":
      return Math.max(0, ...expression.parts.map((part) => sizeOf(part, sizes)));
    case "choice":
      return Math.min(...expression.options.map((option) => sizeOf(option, sizes)));
    case "repeat":
      return expression.least === 0 ? 0 : sizeOf(expression.inner, sizes);
  }
}

function parseRules(gbnf: string): ReadonlyMap<string, Expression> {
  const lines = gbnf.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line): [string, Expression] => {
      const [, name = "", body = ""] = /^([a-zA-Z][a-zA-Z0-9-]*) ::= (.*)$/.exec(line) ?? [];
      return [name, new Reader(body).expression()];
    }),
  );
}

const token = /\s*("(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|[a-zA-Z][a-zA-Z0-9-]*|\{\d+(?:,\d*)?\}|[().|*+?])/y;

class Reader {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(body: string) {
    token.lastIndex = 0;
    for (let at = 0; at < body.trimEnd().length; at = token.lastIndex) {
      const match = token.exec(body);
      if (match?.[1] === undefined) throw new Error(`no GBNF at ${body.slice(at, at + 40)}`);
      this.#tokens.push(match[1]);
    }
  }

  expression(): Expression {
    const options = [this.#sequence()];
    while (this.#tokens[this.#at] === "|") {
      this.#at++;
      options.push(this.#sequence());
    }
    return { type: "choice", options };
  }

  #sequence(): Expression {
    const parts: Expression[] = [];
    for (
      let next = this.#tokens[this.#at];
      next !== undefined && next !== "|" && next !== ")";
      next = this.#tokens[this.#at]
    ) {
      this.#at++;
      const counts = countsOf(next);
      const last = parts.at(-1);
      if (counts === undefined) parts.push(this.#atom(next));
      else if (last !== undefined) parts[parts.length - 1] = { type: "repeat", inner: last, ...counts };
    }
    return { type: "sequence", parts };
  }

  #atom(first: string): Expression {
    if (first.startsWith('"')) return { type: "text", text: unescaped(first.slice(1, -1)).join("") };
    if (first.startsWith("[")) return classOf(first.slice(1, -1));
    if (first === ".") return { type: "class", characters: sampleCharacters };
    if (first !== "(") return { type: "rule", name: first };
    const inner = this.expression();
    this.#at++;
    return inner;
  }
}

function countsOf(text: string): { least: number; most: number } | undefined {
  const fixed = { "*": [0, Infinity], "+": [1, Infinity], "?": [0, 1] }[text];
  if (fixed !== undefined) return { least: fixed[0] ?? 0, most: fixed[1] ?? 0 };
  const match = /^\{(\d+)(,(\d*))?\}$/.exec(text);
  if (match === null) return undefined;
  const least = Number(match[1]);
  return { least, most: match[2] === undefined ? least : match[3] === "" ? Infinity : Number(match[3]) };
}

/** The sample characters of a class, and the ends of its ranges. */
function classOf(body: string): Expression {
  const isNegated = body.startsWith("^");
  const members = unescaped(isNegated ? body.slice(1) : body, true);
  const ranges: [string, string][] = [];
  for (let index = 0; index < members.length; index++) {
    const from = members[index] ?? "";
    const isRange = members[index + 1] === rangeMark;
    ranges.push([from, isRange ? (members[index + 2] ?? "") : from]);
    if (isRange) index += 2;
  }
  const isIn = (character: string): boolean =>
    ranges.some(([from, to]) => code(from) <= code(character) && code(character) <= code(to)) !== isNegated;
  const characters = [...sampleCharacters, ...(isNegated ? [] : ranges.flat())].filter(isIn);
  return { type: "class", characters };
}

const code = (character: string): number => character.codePointAt(0) ?? 0;
const rangeMark = "range";

function unescaped(text: string, inClass = false): string[] {
  const pieces = text.match(/\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\.|./gsu) ?? [];
  return pieces.map((piece, index) => {
    if (piece === "-" && inClass && index > 0 && index < pieces.length - 1) return rangeMark;
    if (!piece.startsWith("\\")) return piece;
    if (/^\\[xuU]/.test(piece)) return String.fromCodePoint(Number.parseInt(piece.slice(2), 16));
    return { n: "\n", r: "\r", t: "\t" }[piece.charAt(1)] ?? piece.charAt(1);
  });
}

/** A small generator of random numbers (mulberry32), so that a seed tells a text. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
