/*
 * A range is one or more alternatives separated by "||". An alternative is a list of comparators separated by blanks,
 * all of which must hold; an empty alternative, "*" and "x" admit every release.
 *
 *   =1.2.3 or 1.2.3   exactly this        >1.2.3  >=1.2.3  <1.2.3  <=1.2.3
 *   ~1.2.3            >=1.2.3 <1.3.0      ^1.2.3  >=1.2.3 and the first number that is not 0 stays
 *   1.2 or 1.2.x      >=1.2.0 <1.3.0      1 or 1.x   >=1.0.0 <2.0.0
 *
 * Blanks between an operator and its version are not allowed. What is no version or no range is never satisfied:
 * satisfies returns false and does not throw.
 */

import { compareVersions, parseVersion } from "./version.ts";
import type { Version } from "./version.ts";

interface Comparator {
  operator: "=" | ">" | ">=" | "<" | "<=";
  version: Version;
}

/** Whether a version is admitted by a range. */
export function satisfies(version: string, range: string): boolean {
  const parsed = parseVersion(version);
  if (parsed === undefined) return false;
  return range.split("||").some((alternative) => admits(alternative, parsed));
}

function admits(alternative: string, version: Version): boolean {
  const comparators: Comparator[] = [];
  for (const word of alternative.split(/\s+/).filter((one) => one !== "")) {
    const parsed = parseComparator(word);
    if (parsed === undefined) return false;
    comparators.push(...parsed);
  }
  if (!comparators.every((one) => holds(one, version))) return false;
  return version.prerelease.length === 0 || comparators.some((one) => sameTriple(one.version, version));
}

const sameTriple = (a: Version, b: Version): boolean =>
  a.prerelease.length > 0 && a.major === b.major && a.minor === b.minor && a.patch === b.patch;

function holds({ operator, version: bound }: Comparator, version: Version): boolean {
  const order = compareVersions(version, bound);
  switch (operator) {
    case "=":
      return order === 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
  }
}

const triple = (major: number, minor: number, patch: number): Version => ({ major, minor, patch, prerelease: [] });

const between = (low: Version, high: Version): Comparator[] => [
  { operator: ">=", version: low },
  { operator: "<", version: high },
];

function parseComparator(word: string): Comparator[] | undefined {
  if (word === "*" || word === "x") return [];
  const partial = /^(\d+)(?:\.(\d+|x|\*))?(?:\.(?:x|\*))?$/.exec(word);
  if (partial !== null) return partialRange(Number(partial[1]), partial[2]);
  const match = /^(=|>=|>|<=|<|~|\^)?(.+)$/.exec(word);
  const version = parseVersion(match?.[2] ?? "");
  if (match === null || version === undefined) return undefined;
  const { major, minor, patch } = version;
  const operator = match[1] ?? "=";
  if (operator === "~") return between(version, triple(major, minor + 1, 0));
  if (operator !== "^") return [{ operator: operator as Comparator["operator"], version }];
  if (major > 0) return between(version, triple(major + 1, 0, 0));
  return between(version, minor > 0 ? triple(0, minor + 1, 0) : triple(0, 0, patch + 1));
}

function partialRange(major: number, minor: string | undefined): Comparator[] {
  if (minor === undefined || minor === "x" || minor === "*") return between(triple(major, 0, 0), triple(major + 1, 0, 0));
  return between(triple(major, Number(minor), 0), triple(major, Number(minor) + 1, 0));
}

/** The greatest of the versions that satisfy the range, as it was written; undefined when none does. */
export function maxSatisfying(versions: readonly string[], range: string): string | undefined {
  let best: { text: string; version: Version } | undefined;
  for (const text of versions) {
    const version = parseVersion(text);
    if (version === undefined || !satisfies(text, range)) continue;
    if (best === undefined || compareVersions(version, best.version) > 0) best = { text, version };
  }
  return best?.text;
}
