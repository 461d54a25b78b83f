import { characterClass } from "./code-points.ts";
import { anyOf, type GrammarRules, literal, oneText, sequence } from "./rules.ts";
import { anyString, exactString, isQuotedOnly, quoted, written } from "./string-rules.ts";
import type { ValueSyntax } from "./value-syntax.ts";

/** So many strings are listed as they are, which is how a person would write them. */
const fewTexts = 8;

/** What a schema need not say anything about, in one syntax, as shared rules of one grammar. */
export class SyntaxRules {
  readonly rules: GrammarRules;
  readonly syntax: ValueSyntax;

  constructor(rules: GrammarRules, syntax: ValueSyntax) {
    this.rules = rules;
    this.syntax = syntax;
  }

  /** Between two items or pairs. */
  comma(): string {
    return this.#separator("comma");
  }

  /** Between a key and its value. */
  colon(): string {
    return this.#separator("colon");
  }

  /** Within brackets, at both ends; may be nothing. */
  pad(): string {
    return this.#separator("pad");
  }

  string(): string {
    return anyString(this.syntax, this.rules);
  }

  /** At most 16 digits: more do not fit a double, and a small model may never stop. */
  integer(): string {
    return this.rules.shared("integer", () => '"0" | "-"? [1-9] [0-9]{0,15}');
  }

  /** Fractions of 22 digits are what it takes to write any double without an exponent. */
  number(): string {
    return this.rules.shared(
      "number",
      () => '"-"? ( "0" | [1-9] [0-9]{0,15} ) ( "." [0-9]{1,22} )? ( [eE] [-+]? [0-9]{1,3} )?',
    );
  }

  boolean(): string {
    return this.#shared("boolean", () => `${literal(this.syntax.true)} | ${literal(this.syntax.false)}`);
  }

  null(): string {
    return literal(this.syntax.null);
  }

  object(): string {
    return this.#shared("object", () => this.braces(this.#list(this.pair(this.freeKey(), this.value()))));
  }

  array(): string {
    return this.#shared("array", () => this.brackets(this.#list(this.value())));
  }

  value(): string {
    return this.#shared("value", () =>
      [this.object(), this.array(), this.string(), this.number(), this.boolean(), this.null()].join(" | "),
    );
  }

  braces(content: string): string {
    return sequence('"{"', this.pad(), content, content === "" ? "" : this.pad(), '"}"');
  }

  brackets(content: string): string {
    return sequence('"["', this.pad(), content, content === "" ? "" : this.pad(), '"]"');
  }

  pair(key: string, value: string): string {
    return sequence(key, this.colon(), value);
  }

  /** Any key. */
  freeKey(): string {
    const { bareKeys } = this.syntax;
    return bareKeys === undefined ? this.string() : this.#shared("key", () => `${characterClass(bareKeys)}+`);
  }

  /** Exactly this key. */
  key(name: string): string {
    return this.syntax.bareKeys === undefined ? (this.constant(name) ?? this.freeKey()) : literal(name);
  }

  /** Exactly this value; undefined where it cannot be written. */
  constant(value: unknown): string | undefined {
    if (typeof value === "string") return this.#constantString(value);
    if (typeof value === "boolean") return literal(value ? this.syntax.true : this.syntax.false);
    if (typeof value === "number") return Number.isFinite(value) ? literal(JSON.stringify(value)) : undefined;
    if (Array.isArray(value)) return this.#constantItems(value);
    return typeof value === "object" && value !== null ? this.#constantPairs(value) : this.null();
  }

  /** One of these values; undefined where none can be written. */
  constants(values: readonly unknown[]): string | undefined {
    const strings = [...new Set(values.filter((value) => typeof value === "string"))];
    const others = values.filter((value) => typeof value !== "string").map((value) => this.constant(value));
    const known = [...this.#strings(strings), ...others].filter((way) => way !== undefined);
    return known.length === 0 ? undefined : anyOf(known);
  }

  #strings(texts: readonly string[]): (string | undefined)[] {
    const { strings } = this.syntax;
    if (texts.length <= fewTexts || !isQuotedOnly(strings)) return texts.map((text) => this.constant(text));
    return strings.map((style) => quoted(style, oneText(texts.map((text) => written(style, text)))));
  }

  #constantString(value: string): string | undefined {
    const ways = this.syntax.strings.map((style) => exactString(style, value)).filter((way) => way !== undefined);
    return ways.length === 0 ? undefined : anyOf(ways);
  }

  #constantItems(items: readonly unknown[]): string | undefined {
    const written = items.map((item) => this.constant(item));
    return written.includes(undefined) ? undefined : this.brackets(written.join(` ${this.comma()} `));
  }

  #constantPairs(value: object): string | undefined {
    const written = Object.entries(value).map(([key, item]) => {
      const constant = this.constant(item);
      return constant === undefined ? undefined : this.pair(this.key(key), constant);
    });
    return written.includes(undefined) ? undefined : this.braces(written.join(` ${this.comma()} `));
  }

  #list(item: string): string {
    const next = this.comma();
    return `( ${item} ( ${next} ${item} )* )?`;
  }

  #separator(kind: "comma" | "colon" | "pad"): string {
    const body = this.syntax.separators[kind];
    return /^("[^"]*")?$/.test(body) ? body : this.#shared(kind, () => body);
  }

  #shared(name: string, body: () => string): string {
    return this.rules.shared(`${this.syntax.name}-${name}`, body);
  }
}
