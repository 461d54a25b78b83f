import type { Reading, Source } from "./source.ts";

/** How a family writes values that are not JSON. */
export interface LiteralSyntax {
  /** Marks around strings; with `escapes` a backslash escapes inside them. */
  strings: readonly { mark: string; escapes: boolean }[];
  bareKeys: boolean;
}

/** Python's literals, and JSON's words, which models mix in. */
export const pythonSyntax: LiteralSyntax = {
  strings: [
    { mark: '"""', escapes: true },
    { mark: "'''", escapes: true },
    { mark: '"', escapes: true },
    { mark: "'", escapes: true },
  ],
  bareKeys: false,
};

export const gemmaSyntax = (quote: string): LiteralSyntax => ({
  strings: [
    { mark: quote, escapes: false },
    { mark: '"', escapes: true },
  ],
  bareKeys: true,
});

/** Thrown where the text is no value, or ends inside one; only inside this folder. */
export class BrokenLiteral extends Error {}

const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["True", true],
  ["true", true],
  ["False", false],
  ["false", false],
  ["None", null],
  ["null", null],
]);

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const bareWord = /[\w.+-]*/y;
const bareKey = /[^\s:{}[\],]*/y;
const deepest = 64;

/** Reads values in a family's own syntax, and passes them on as JSON text while they come. */
export class LiteralReader {
  readonly #source: Source;
  readonly #syntax: LiteralSyntax;
  readonly #emit: (json: string) => void;

  constructor(source: Source, syntax: LiteralSyntax, emit: (json: string) => void) {
    this.#source = source;
    this.#syntax = syntax;
    this.#emit = emit;
  }

  *value(depth = 0): Reading<unknown> {
    if (depth > deepest) throw new BrokenLiteral("the value is nested too deeply");
    const string = yield* this.#string();
    if (string !== undefined) return string;
    const next = yield* this.#source.peek();
    if (next === "{") return yield* this.object(depth);
    if (next === "[" || next === "(") return yield* this.#list(next === "[" ? "]" : ")", depth);
    return yield* this.#word();
  }

  /** `{key: value, …}`. */
  *object(depth = 0): Reading<Record<string, unknown>> {
    const entries: [string, unknown][] = [];
    yield* this.#expect("{");
    this.#emit("{");
    yield* this.#items("}", function* (this: LiteralReader) {
      const key = this.#syntax.bareKeys ? yield* this.#bareKey() : yield* this.#key();
      yield* this.#source.blanks();
      yield* this.#expect(":");
      this.#emit(": ");
      yield* this.#source.blanks();
      entries.push([key, yield* this.value(depth + 1)]);
    });
    this.#emit("}");
    return Object.fromEntries(entries);
  }

  *#list(close: string, depth: number): Reading<unknown[]> {
    const items: unknown[] = [];
    this.#source.take(1);
    this.#emit("[");
    yield* this.#items(close, function* (this: LiteralReader) {
      items.push(yield* this.value(depth + 1));
    });
    this.#emit("]");
    return items;
  }

  /** Items between commas up to `close`; a comma may also stand before it. */
  *#items(close: string, item: (this: LiteralReader) => Reading): Reading {
    for (let first = true; ; first = false) {
      yield* this.#source.blanks();
      if (yield* this.#source.accept(close)) return;
      if (!first) {
        yield* this.#expect(",");
        yield* this.#source.blanks();
        if (yield* this.#source.accept(close)) return;
        this.#emit(", ");
      }
      yield* item.call(this);
    }
  }

  *#key(): Reading<string> {
    const string = yield* this.#string();
    if (string === undefined) throw new BrokenLiteral("a key must be a string");
    return string;
  }

  *#bareKey(): Reading<string> {
    const quoted = yield* this.#string();
    if (quoted !== undefined) return quoted;
    let key = "";
    yield* this.#source.takeWhile(bareKey, (text) => {
      key += text;
    });
    if (key === "") throw new BrokenLiteral("a key is missing");
    this.#emit(JSON.stringify(key));
    return key;
  }

  *#string(): Reading<string | undefined> {
    for (const { mark, escapes } of this.#syntax.strings) {
      if (!(yield* this.#source.accept(mark))) continue;
      this.#emit('"');
      const value = yield* this.#rest(mark, escapes);
      this.#emit('"');
      return value;
    }
    return undefined;
  }

  *#rest(mark: string, escapes: boolean): Reading<string> {
    const plain = new RegExp(`[^${RegExp.escape(mark.charAt(0))}${escapes ? "\\\\" : ""}]*`, "y");
    let value = "";
    const add = (text: string): void => {
      value += text;
      this.#emit(JSON.stringify(text).slice(1, -1));
    };
    while (true) {
      yield* this.#source.takeWhile(plain, add);
      if (yield* this.#source.accept(mark)) return value;
      const next = yield* this.#source.peek();
      if (next === "") throw new BrokenLiteral("the text ends inside a string");
      if (next === "\\" && escapes) add(yield* this.#escape());
      else add(this.#source.take(1));
    }
  }

  /** Python's escapes, which hold JSON's; an unknown one stays as it is. */
  *#escape(): Reading<string> {
    const letter = yield* this.#source.peek(1);
    if (letter === "") throw new BrokenLiteral("the text ends inside a string");
    const digits = { x: 2, u: 4, U: 8 }[letter];
    if (digits === undefined) {
      this.#source.take(2);
      return simpleEscapes[letter] ?? `\\${letter}`;
    }
    yield* this.#source.peek(1 + digits);
    const code = Number.parseInt(this.#source.text.slice(this.#source.at + 2, this.#source.at + 2 + digits), 16);
    if (Number.isNaN(code) || code > 0x10ffff) return this.#source.take(2);
    this.#source.take(2 + digits);
    return digits === 8 ? String.fromCodePoint(code) : String.fromCharCode(code);
  }

  *#word(): Reading<unknown> {
    let word = "";
    yield* this.#source.takeWhile(bareWord, (text) => {
      word += text;
    });
    const value = words.has(word) ? words.get(word) : Number(word);
    if (word === "" || (typeof value === "number" && !Number.isFinite(value))) {
      throw new BrokenLiteral(`${word === "" ? "a value is missing" : `${word} is no value`}`);
    }
    this.#emit(jsonNumber.test(word) ? word : JSON.stringify(value));
    return value;
  }

  *#expect(text: string): Reading {
    if (!(yield* this.#source.accept(text))) throw new BrokenLiteral(`"${text}" is missing`);
  }
}

const simpleEscapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  "0": "\0",
  "\\": "\\",
  "/": "/",
  "'": "'",
  '"': '"',
  "\n": "",
};
