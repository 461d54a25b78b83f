import type { CodePoints } from "./code-points.ts";

/** A regular expression as a tree. `repeat.inner` never matches the empty text: see `repeat`. */
export type Pattern =
  | { type: "set"; set: CodePoints }
  | { type: "sequence"; parts: readonly Pattern[] }
  | { type: "choice"; options: readonly Pattern[] }
  | { type: "repeat"; inner: Pattern; least: number; most: number }
  | { type: "anchor"; at: "start" | "end" };

/** So many states one repetition may take in the engine; beyond that its limits are left open. */
const mostStates = 1000;

export const empty: Pattern = { type: "sequence", parts: [] };

/**
 * `inner` between `least` and `most` times. What may be empty is not repeated as it is, since the engine would
 * go in circles: `(a?b?)*` becomes `(a|b)*`. Repetitions that are too large admit more, never less.
 */
export function repeat(inner: Pattern, least: number, most: number): Pattern {
  if (most === 0) return empty;
  if (most === 1 && (least === 1 || isNullable(inner))) return inner;
  if (isNullable(inner)) return repeatNullable(inner, most);
  const states = stateCount(inner);
  const limit = Math.max(1, Math.floor(mostStates / states));
  if (most <= limit) return { type: "repeat", inner, least, most };
  return { type: "repeat", inner, least: Math.min(least, limit), most: Infinity };
}

function repeatNullable(inner: Pattern, most: number): Pattern {
  if (inner.type === "repeat") return repeat(inner.inner, 0, inner.most * most);
  const options = nonEmptyOptions(inner);
  return options.length === 0 ? empty : repeat({ type: "choice", options }, 0, Infinity);
}

/** What, repeated at will, makes the same texts as a repeated nullable pattern, and is never empty itself. */
function nonEmptyOptions(pattern: Pattern): readonly Pattern[] {
  if (!isNullable(pattern)) return [pattern];
  if (pattern.type === "sequence") return pattern.parts.flatMap(nonEmptyOptions);
  if (pattern.type === "choice") return pattern.options.flatMap(nonEmptyOptions);
  return pattern.type === "repeat" ? [pattern.inner] : [];
}

function isNullable(pattern: Pattern): boolean {
  switch (pattern.type) {
    case "set":
      return false;
    case "anchor":
      return true;
    case "repeat":
      return pattern.least === 0;
    case "sequence":
      return pattern.parts.every(isNullable);
    case "choice":
      return pattern.options.some(isNullable);
  }
}

function stateCount(pattern: Pattern): number {
  switch (pattern.type) {
    case "set":
    case "anchor":
      return 1;
    case "repeat":
      return stateCount(pattern.inner) * (pattern.most === Infinity ? pattern.least + 1 : pattern.most);
    case "sequence":
      return pattern.parts.reduce((sum, part) => sum + stateCount(part), 1);
    case "choice":
      return pattern.options.reduce((sum, option) => sum + stateCount(option), 1);
  }
}

const anything: Pattern = { type: "repeat", inner: { type: "set", set: [[0, 0x10ffff]] }, least: 0, most: Infinity };

/**
 * The pattern of whole texts in which `pattern` is found somewhere, without anchors; undefined where an anchor
 * stands in the middle. Each of several options has its own anchors: `^a|b$`.
 */
export function wholeText(pattern: Pattern): Pattern | undefined {
  if (pattern.type === "choice") {
    const options = pattern.options.map(wholeText);
    return options.includes(undefined)
      ? undefined
      : { type: "choice", options: options.filter((one) => one !== undefined) };
  }
  const parts = pattern.type === "sequence" ? pattern.parts : [pattern];
  const [only] = parts;
  if (parts.length === 1 && only?.type === "choice") return wholeText(only);
  const first = parts.findIndex((part) => !isAnchor(part, "start"));
  const last = parts.findLastIndex((part) => !isAnchor(part, "end"));
  const middle = first === -1 ? [] : parts.slice(first, last + 1);
  if (middle.some(hasAnchor)) return undefined;
  return {
    type: "sequence",
    parts: [...(first === 0 ? [anything] : []), ...middle, ...(last === parts.length - 1 ? [anything] : [])],
  };
}

const isAnchor = (pattern: Pattern, at: "start" | "end"): boolean => pattern.type === "anchor" && pattern.at === at;

function hasAnchor(pattern: Pattern): boolean {
  if (pattern.type === "sequence") return pattern.parts.some(hasAnchor);
  if (pattern.type === "choice") return pattern.options.some(hasAnchor);
  return pattern.type === "anchor" || (pattern.type === "repeat" && hasAnchor(pattern.inner));
}
