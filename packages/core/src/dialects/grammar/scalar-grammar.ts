import { formatPatterns } from "./formats.ts";
import { integerRange } from "./integer-range.ts";
import { numberRange } from "./number-range.ts";
import { stringOfPattern, stringPattern } from "./pattern-grammar.ts";
import { anyOf } from "./rules.ts";
import { countsOf, rangeOf } from "./schema-facts.ts";
import type { Schema } from "./schema-parts.ts";
import { stringOfLength } from "./string-rules.ts";
import type { SyntaxRules } from "./syntax-rules.ts";

/** The strings of a schema: by its pattern where a grammar can tell it, else by its format, else by its length. */
export function stringExpression(parts: readonly Schema[], shared: SyntaxRules, name: string): string | undefined {
  const [least, most] = countsOf(parts, "minLength", "maxLength");
  if (least > most) return undefined;
  const sources = patternSources(parts);
  if (sources.length === 0 && least === 0 && most === Infinity) return shared.string();
  const { rules, syntax } = shared;
  const key = [syntax.name, "string", least, most, ...sources].join(" ");
  return rules.known(key) ?? limitedString({ sources, least, most }, shared, { key, name });
}

function patternSources(parts: readonly Schema[]): string[] {
  const patterns = parts.flatMap(({ pattern }) => (typeof pattern === "string" ? [pattern] : []));
  const formats = parts.flatMap(({ format }) => (typeof format === "string" ? (formatPatterns.get(format) ?? []) : []));
  return [...patterns, ...formats.map((format) => `^(?:${format})$`)];
}

function limitedString(
  { sources, least, most }: { sources: readonly string[]; least: number; most: number },
  shared: SyntaxRules,
  { key, name }: { key: string; name: string },
): string {
  const { rules, syntax } = shared;
  for (const source of sources) {
    const pattern = stringPattern(source, least, most);
    const ways =
      pattern === undefined ? [] : syntax.strings.map((style) => stringOfPattern(pattern, style, rules, name));
    const known = ways.filter((way) => way !== undefined);
    if (known.length > 0 && known.length === ways.length) return rules.shared(key, () => anyOf(known), name);
  }
  if (least === 0 && most === Infinity) return shared.string();
  const ways = syntax.strings.map((style) => stringOfLength(style, rules, least, most));
  return rules.shared(key, () => anyOf(ways), name);
}

export function integerExpression(parts: readonly Schema[], shared: SyntaxRules, name: string): string | undefined {
  const range = rangeOf(parts);
  if (range.least === undefined && range.most === undefined) return shared.integer();
  const expression = integerRange(range);
  return expression === undefined ? undefined : shared.rules.shared(expression, () => expression, name);
}

export function numberExpression(parts: readonly Schema[], shared: SyntaxRules, name: string): string | undefined {
  const range = rangeOf(parts);
  if (range.least === undefined && range.most === undefined) return shared.number();
  const expression = numberRange(range, shared.rules);
  return expression === undefined ? undefined : shared.rules.shared(expression, () => expression, name);
}
