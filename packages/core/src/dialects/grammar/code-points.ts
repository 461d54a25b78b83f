/** A set of Unicode code points: ranges with both ends included, ascending, neither touching nor overlapping. */
export type CodePoints = readonly (readonly [from: number, to: number])[];

const last = 0x10ffff;

/** The set of these ranges, in any order. */
export function codePoints(...ranges: readonly (readonly [from: number, to: number])[]): CodePoints {
  const merged: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = merged.at(-1);
    if (before !== undefined && from <= before[1] + 1) before[1] = Math.max(before[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** The set of the characters in `text`. */
export const codePointsOf = (text: string): CodePoints =>
  codePoints(...charactersOf(text).map((character): [number, number] => [codePoint(character), codePoint(character)]));

/** Text by code points, which is what a grammar counts. */
export const charactersOf = (text: string): string[] => Array.from(text);

export const codePoint = (character: string): number => character.codePointAt(0) ?? 0;

export const union = (a: CodePoints, b: CodePoints): CodePoints => codePoints(...a, ...b);

export function complement(set: CodePoints): CodePoints {
  const ranges: [number, number][] = [];
  let next = 0;
  for (const [from, to] of set) {
    if (from > next) ranges.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= last) ranges.push([next, last]);
  return ranges;
}

export function intersection(a: CodePoints, b: CodePoints): CodePoints {
  const common = a.flatMap(([from, to]) =>
    b.map(([low, high]): [number, number] => [Math.max(from, low), Math.min(to, high)]),
  );
  return common.filter(([from, to]) => from <= to);
}

export const without = (a: CodePoints, b: CodePoints): CodePoints => intersection(a, complement(b));

export const includes = (set: CodePoints, code: number): boolean =>
  set.some(([from, to]) => from <= code && code <= to);

/** Half of a character is none: nothing that is read as Unicode holds one. */
const surrogates: readonly [number, number] = [0xd800, 0xdfff];

/**
 * A GBNF class of exactly this set, which must not be empty. Never one of what is *not* in it: llama.cpp would take
 * bytes for characters that no reader of UTF-8 does, such as surrogates and those behind the last one.
 */
export const characterClass = (set: CodePoints): string =>
  `[${members(
    intersection(set, [
      [0, surrogates[0] - 1],
      [surrogates[1] + 1, last],
    ]),
  )}]`;

const members = (set: CodePoints): string =>
  set
    .map(([from, to]) => (from === to ? member(from) : `${member(from)}${to === from + 1 ? "" : "-"}${member(to)}`))
    .join("");

function member(code: number): string {
  if (code > 0xffff) return `\\U${code.toString(16).padStart(8, "0")}`;
  if (code > 0x7e) return `\\u${code.toString(16).padStart(4, "0")}`;
  const character = String.fromCharCode(code);
  // Everything that a class could read as its own syntax, and blanks that would be hard to see.
  return /[a-zA-Z0-9_ !#$%&'()*+,./:;<=>?@`{|}~]/.test(character)
    ? character
    : `\\x${code.toString(16).padStart(2, "0")}`;
}
