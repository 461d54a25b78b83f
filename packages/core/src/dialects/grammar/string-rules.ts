import {
  characterClass,
  charactersOf,
  codePoint,
  type CodePoints,
  codePointsOf,
  includes,
  intersection,
  without,
} from "./code-points.ts";
import { rawTextThrough } from "./raw-text.ts";
import { anyOf, type GrammarRules, literal, repeated, sequence } from "./rules.ts";
import type { Escapes, StringStyle, ValueSyntax } from "./value-syntax.ts";

/** A style with escapes: one in which each character of a string can be constrained. */
export type QuotedStyle = StringStyle & { escapes: Escapes };

export const isQuoted = (style: StringStyle): style is QuotedStyle => style.escapes !== undefined;

export const isQuotedOnly = (styles: readonly StringStyle[]): styles is readonly QuotedStyle[] =>
  styles.every(isQuoted);

/** Any string, in any of the syntax's styles. */
export function anyString(syntax: ValueSyntax, rules: GrammarRules): string {
  return rules.shared(`${syntax.name}-string`, () =>
    syntax.strings.map((style) => stringOfStyle(style, rules)).join(" | "),
  );
}

const stringOfStyle = (style: StringStyle, rules: GrammarRules): string =>
  isQuoted(style)
    ? quoted(style, `${anyCharacter(style, rules)}*`)
    : sequence(literal(style.open), rawTextThrough(style.close, rules));

/** `body` between the quotes of a style. */
export const quoted = (style: StringStyle, body: string): string =>
  sequence(literal(style.open), body, literal(style.close));

/** One character, written in any way that a reader understands. */
export const anyCharacter = (style: QuotedStyle, rules: GrammarRules): string =>
  rules.shared(`${style.name}-character`, () => `${characterClass(style.escapes.plain)} | ${style.escapes.any}`);

/** A string of `least` to `most` characters. Where characters cannot be counted, any string. */
export const stringOfLength = (style: StringStyle, rules: GrammarRules, least: number, most: number): string =>
  isQuoted(style) ? quoted(style, repeated(anyCharacter(style, rules), least, most)) : stringOfStyle(style, rules);

/** Exactly this string in this style; undefined where it cannot be written. */
export function exactString(style: StringStyle, text: string): string | undefined {
  if (isQuoted(style)) return literal(style.open + written(style, text) + style.close);
  return text.includes(style.close) ? undefined : literal(style.open + text + style.close);
}

/** How `text` stands between the quotes of a style. */
export function written({ escapes }: QuotedStyle, text: string): string {
  return charactersOf(text)
    .map(
      (character) =>
        escapes.written.get(codePoint(character)) ?? (isLoneSurrogate(character) ? `\\u${hex(character)}` : character),
    )
    .join("");
}

/** Half of a pair cannot be sent as UTF-8. */
const isLoneSurrogate = (character: string): boolean => /^[\ud800-\udfff]$/.test(character);
const hex = (character: string): string => codePoint(character).toString(16).padStart(4, "0");

/** One character of a set that is not empty, as it is usually written. */
export function characterOf(set: CodePoints, { name, escapes }: QuotedStyle, rules: GrammarRules): string {
  const plain = intersection(set, escapes.plain);
  const others = without(set, escapes.plain);
  const escaped = [...(others.length === 0 ? [] : escapes.written)]
    .filter(([code]) => includes(others, code))
    .map(([, text]) => text);
  const ways = plain.length === 0 ? [] : [characterClass(plain)];
  if (escaped.length > 3)
    ways.push(rules.shared(`${name} ${escaped.join("")}`, () => escapeChoice(escaped), `${name}-escaped`));
  else ways.push(...escaped.map((text) => literal(text)));
  return anyOf(ways);
}

/** Escapes by their beginning, all but the last character: `\u001` once for `\u0010` to `\u001f`. */
function escapeChoice(escaped: readonly string[]): string {
  const endings = Map.groupBy(escaped, (text) => text.slice(0, -1));
  return [...endings]
    .map(
      ([start, texts]) =>
        `${literal(start)} ${characterClass(codePointsOf(texts.map((text) => text.at(-1) ?? "").join("")))}`,
    )
    .join(" | ");
}
