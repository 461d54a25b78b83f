import { codePoint, type CodePoints, includes } from "./code-points.ts";
import { parsePattern } from "./pattern-parser.ts";
import { type Pattern, repeat, wholeText } from "./pattern.ts";
import { anyOf, type GrammarRules, literal, repeated, sequence } from "./rules.ts";
import { anyCharacter, characterOf, isQuoted, type QuotedStyle, quoted, written } from "./string-rules.ts";
import type { StringStyle } from "./value-syntax.ts";

/** The strings that a regular expression admits whole, with the length limits where they could be worked in. */
export function stringPattern(source: string, least = 0, most = Infinity): Pattern | undefined {
  const parsed = parsePattern(source);
  const pattern = parsed === undefined ? undefined : wholeText(parsed);
  const run = pattern === undefined ? undefined : characterRun(pattern);
  if (run === undefined) return pattern;
  const [from, to] = [Math.max(run.least, least), Math.min(run.most, most)];
  return from > to ? pattern : repeat(run.inner, from, to);
}

/** The pattern as characters of one kind in a row. */
function characterRun(pattern: Pattern): Extract<Pattern, { type: "repeat" }> | undefined {
  const [only, ...others] = pattern.type === "sequence" ? pattern.parts : [pattern];
  if (only?.type !== "repeat" || others.length > 0) return undefined;
  return only.inner.type === "set" ? only : undefined;
}

/** Strings of this style that a pattern admits; undefined where the style cannot be told character by character. */
export function stringOfPattern(
  pattern: Pattern,
  style: StringStyle,
  rules: GrammarRules,
  name: string,
): string | undefined {
  if (isQuoted(style)) return quoted(style, new PatternExpressions(style, rules, name).of(pattern));
  // Such a string ends at the first close marker, which the pattern must not be able to write itself.
  const { open, close } = style;
  if (mayWrite(pattern, codePoint(close))) return undefined;
  const plain = { ...style, escapes: { plain: [[0, 0x10ffff]] as const, written: new Map<number, string>(), any: "" } };
  return sequence(literal(open), new PatternExpressions(plain, rules, name).of(pattern), literal(close));
}

function mayWrite(pattern: Pattern, code: number): boolean {
  switch (pattern.type) {
    case "set":
      return includes(pattern.set, code);
    case "sequence":
      return pattern.parts.some((part) => mayWrite(part, code));
    case "choice":
      return pattern.options.some((option) => mayWrite(option, code));
    case "repeat":
      return mayWrite(pattern.inner, code);
    case "anchor":
      return false;
  }
}

class PatternExpressions {
  readonly #style: QuotedStyle;
  readonly #rules: GrammarRules;
  readonly #name: string;

  constructor(style: QuotedStyle, rules: GrammarRules, name: string) {
    this.#style = style;
    this.#rules = rules;
    this.#name = name;
  }

  of(pattern: Pattern): string {
    switch (pattern.type) {
      case "set":
        return this.#character(pattern.set);
      case "sequence":
        return this.#sequence(pattern.parts);
      case "choice":
        return anyOf(pattern.options.map((option) => this.of(option) || '""'));
      case "repeat":
        return repeated(this.#unit(pattern.inner), pattern.least, pattern.most);
      case "anchor":
        return "";
    }
  }

  /** Characters that follow each other become one literal. */
  #sequence(parts: readonly Pattern[]): string {
    const expressions: string[] = [];
    let text = "";
    const flush = (): void => {
      if (text !== "") expressions.push(literal(written(this.#style, text)));
      text = "";
    };
    for (const part of parts) {
      const only = onlyCharacter(part);
      if (only === undefined) flush();
      if (only === undefined) expressions.push(this.of(part));
      else text += only;
    }
    flush();
    return sequence(...expressions);
  }

  #character(set: CodePoints): string {
    const only = onlyCharacter({ type: "set", set });
    if (only !== undefined) return literal(written(this.#style, only));
    const isAny = set.length === 1 && set[0]?.[0] === 0 && set[0][1] === 0x10ffff;
    return isAny ? anyCharacter(this.#style, this.#rules) : characterOf(set, this.#style, this.#rules);
  }

  /** What may be repeated: the engine counts the rules within a group, and refuses too many of them. */
  #unit(pattern: Pattern): string {
    const expression = this.of(pattern);
    const isAtomic = pattern.type === "set" && !expression.startsWith("( ");
    return isAtomic ? expression : this.#rules.shared(expression, () => expression, `${this.#name}-part`);
  }
}

function onlyCharacter(pattern: Pattern): string | undefined {
  if (pattern.type !== "set" || pattern.set.length !== 1) return undefined;
  const [[from, to] = [0, 1]] = pattern.set;
  return from === to ? String.fromCodePoint(from) : undefined;
}
