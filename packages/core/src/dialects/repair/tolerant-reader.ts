import type { Repair } from "../../protocol/tool-call.ts";

/** What cannot be read even tolerantly; `tolerantJson` makes a result of it. */
export class Unreadable extends Error {}

/** Far deeper than any call, and far from the end of the stack. */
const deepest = 256;
const literals: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  null: null,
  True: true,
  False: false,
  None: null,
};
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /[\p{L}_$][\p{L}\p{N}_$-]*/uy;
const blank = /\s+/y;
const comment = /\/\/[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//y;

/** Reads JSON with the mistakes that models make, in linear time, and notes each of them once. */
export class TolerantReader {
  readonly #text: string;
  readonly #closesBrackets: boolean;
  readonly #repairs = new Map<string, Repair>();
  #at = 0;

  /** `closesBrackets`: the text is known to be whole, so that brackets missing at its end were forgotten. */
  constructor(text: string, closesBrackets: boolean) {
    this.#text = text;
    this.#closesBrackets = closesBrackets;
  }

  get repairs(): Repair[] {
    return [...this.#repairs.values()];
  }

  /** The one value of the text. Throws Unreadable. */
  read(): unknown {
    this.#skipBlanks();
    const value = this.#value(0);
    this.#skipBlanks();
    const rest = this.#text.slice(this.#at);
    if (/^[\]}\s]+$/.test(rest)) this.#note("extra-bracket", `dropped ${rest.trim()} after the end`);
    else if (rest !== "") throw this.#unexpected();
    return value;
  }

  #value(depth: number): unknown {
    if (depth > deepest) throw new Unreadable(`nested deeper than ${deepest}`);
    const next = this.#text[this.#at];
    if (next === "{") return this.#object(depth);
    if (next === "[") return this.#array(depth);
    if (next === '"' || next === "'") return this.#string(next);
    return this.#scalar();
  }

  #object(depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    this.#at++;
    while (this.#nextItem("}", entries.length > 0)) {
      const key = this.#key();
      this.#skipBlanks();
      if (this.#text[this.#at] !== ":") throw this.#unexpected();
      this.#at++;
      this.#skipBlanks();
      entries.push([key, this.#value(depth + 1)]);
    }
    // Makes a plain property even of a key such as __proto__.
    return Object.fromEntries(entries);
  }

  #array(depth: number): unknown[] {
    const items: unknown[] = [];
    this.#at++;
    while (this.#nextItem("]", items.length > 0)) items.push(this.#value(depth + 1));
    return items;
  }

  /** Goes to the next item; false, and behind the closing bracket, when there is none. */
  #nextItem(close: string, follows: boolean): boolean {
    this.#skipBlanks();
    if (this.#closesHere(close)) return false;
    if (!follows) return true;
    if (this.#text[this.#at] !== ",") throw this.#unexpected();
    this.#at++;
    this.#skipBlanks();
    if (this.#text[this.#at] !== close) return true;
    this.#note("trailing-comma", `dropped the comma before ${close}`);
    this.#at++;
    return false;
  }

  #closesHere(close: string): boolean {
    if (this.#text[this.#at] === close) {
      this.#at++;
      return true;
    }
    if (this.#at < this.#text.length || !this.#closesBrackets) return false;
    this.#note("missing-bracket", `closed with ${close} at the end`);
    return true;
  }

  #key(): string {
    const quote = this.#text[this.#at];
    if (quote === '"' || quote === "'") return this.#string(quote);
    const key = this.#match(word);
    if (key === undefined) throw this.#unexpected();
    this.#note("unquoted-key", key);
    return key;
  }

  #string(quote: string): string {
    if (quote === "'") this.#note("single-quotes", "read as double quotes");
    const parts: string[] = [];
    this.#at++;
    while (true) {
      const unit = this.#text[this.#at++];
      if (unit === undefined) throw new Unreadable("the text ends inside a string");
      if (unit === quote) return parts.join("");
      if (unit === "\\") parts.push(this.#escape());
      else {
        if (unit < " ") this.#note("raw-control", "a line break or tab stood in a string");
        parts.push(unit);
      }
    }
  }

  #escape(): string {
    const unit = this.#text[this.#at++];
    if (unit === undefined) throw new Unreadable("the text ends inside a string");
    if (unit === "u") {
      const digits = this.#text.slice(this.#at, this.#at + 4);
      if (/^[\da-f]{4}$/i.test(digits)) {
        this.#at += 4;
        return String.fromCharCode(Number.parseInt(digits, 16));
      }
    }
    const meant = escapes[unit];
    if (meant !== undefined) return meant;
    // As in a pattern such as \d+, which was not escaped once more.
    this.#note("unknown-escape", `kept \\${unit} as written`);
    return `\\${unit}`;
  }

  #scalar(): unknown {
    const digits = this.#match(number);
    if (digits !== undefined) {
      if (/[\w.]/.test(this.#text[this.#at] ?? "")) throw this.#unexpected();
      return Number(digits);
    }
    const name = this.#match(word) ?? "";
    if (!Object.hasOwn(literals, name)) throw this.#unexpected();
    if (/^[A-Z]/.test(name)) this.#note("python-literal", name);
    return literals[name];
  }

  #skipBlanks(): void {
    while (true) {
      this.#match(blank);
      const skipped = this.#match(comment);
      if (skipped === undefined) return;
      this.#note("comment", "dropped");
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #note(kind: string, detail: string): void {
    if (!this.#repairs.has(kind)) this.#repairs.set(kind, { kind, detail });
  }

  #unexpected(): Unreadable {
    const found = this.#text[this.#at];
    return new Unreadable(found === undefined ? "the text ends too early" : `unexpected ${found} at ${this.#at}`);
  }
}
