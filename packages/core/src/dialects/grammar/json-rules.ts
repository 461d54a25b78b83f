import { type GrammarRules, literal, sequence } from "./rules.ts";

/** What stands between the tokens of JSON, as GBNF. `pad` is after an opening and before a closing bracket. */
export interface Separators {
  comma: string;
  colon: string;
  pad: string;
}

/** `{"a": 1, "b": 2}`: what Python's json.dumps writes, and what tool-calling models were trained on. */
export const exactSeparators: Separators = { comma: '", "', colon: '": "', pad: "" };

/** Blanks are bounded: a model that has nothing to say must not go on with spaces. */
const someBlank = '( " " | "\\n" " "{0,16} )?';
export const flexibleSeparators: Separators = {
  comma: `"," ${someBlank}`,
  colon: `":" ${someBlank}`,
  pad: someBlank,
};

/** The JSON types that constrain nothing further, as shared rules of one grammar. */
export class JsonRules {
  readonly rules: GrammarRules;
  readonly separators: Separators;

  constructor(rules: GrammarRules, separators: Separators) {
    this.rules = rules;
    this.separators = separators;
  }

  /** RFC 8259, section 7. */
  string(): string {
    return this.rules.shared("json-string", () => {
      const character = this.rules.shared(
        "json-character",
        () => String.raw`[^"\\\x00-\x1F] | "\\" ( ["\\/bfnrt] | "u" [0-9a-fA-F]{4} )`,
      );
      return String.raw`"\"" ${character}* "\""`;
    });
  }

  /** At most 16 digits: more do not fit a double, and a small model may never stop. */
  integer(): string {
    return this.rules.shared("json-integer", () => '"-"? ( "0" | [1-9] [0-9]{0,15} )');
  }

  number(): string {
    const integer = this.integer();
    return this.rules.shared("json-number", () => `${integer} ( "." [0-9]{1,16} )? ( [eE] [-+]? [0-9]{1,3} )?`);
  }

  boolean(): string {
    return this.rules.shared("json-boolean", () => '"true" | "false"');
  }

  object(): string {
    return this.rules.shared("json-object", () => this.mapOf(this.value()));
  }

  array(): string {
    return this.rules.shared("json-array", () => this.arrayOf(this.value()));
  }

  value(): string {
    return this.rules.shared("json-value", () =>
      [this.object(), this.array(), this.string(), this.number(), this.boolean(), literal("null")].join(" | "),
    );
  }

  /** An array of any length whose items are all `item`. */
  arrayOf(item: string): string {
    const { comma, pad } = this.separators;
    return `"[" ( ${sequence(pad, item, `( ${comma} ${item} )*`, pad)} )? "]"`;
  }

  /** An object with any keys, whose values are all `value`. */
  mapOf(value: string): string {
    const { comma, pad } = this.separators;
    const pair = this.pair(value);
    return `"{" ( ${sequence(pad, pair, `( ${comma} ${pair} )*`, pad)} )? "}"`;
  }

  /** Any key with `value`. */
  pair(value: string): string {
    return `${this.string()} ${this.separators.colon} ${value}`;
  }

  /** Exactly this JSON value, spaced as `exactSeparators` says. */
  constant(value: unknown): string {
    return literal(jsonText(value));
  }
}

function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const pairs = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${jsonText(item)}`);
  return `{${pairs.join(", ")}}`;
}
