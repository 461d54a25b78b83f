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

/** Whether a version is admitted by a range. */
export function satisfies(version: string, range: string): boolean {
  throw new Error("not implemented");
}

/** The greatest of the versions that satisfy the range, as it was written; undefined when none does. */
export function maxSatisfying(versions: readonly string[], range: string): string | undefined {
  throw new Error("not implemented");
}
