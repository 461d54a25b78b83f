/** The candidate that a misspelt word most likely meant; undefined when none is near. Only for suggestions. */
export function nearest(written: string, candidates: readonly string[]): string | undefined {
  const word = folded(written);
  const near = candidates
    .map((candidate) => ({ candidate, distance: distance(word, folded(candidate)) }))
    .filter(({ candidate, distance: edits }) => edits <= Math.max(1, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

const longest = 64;
const folded = (word: string): string =>
  word
    .slice(0, longest)
    .toLowerCase()
    .replaceAll(/[-_\s.]/g, "");

/** Levenshtein's distance: the fewest characters to insert, delete or replace. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
