import { editDistance } from "../../protocol/edit-distance.ts";

/** The candidate that a misspelt word most likely meant; undefined when none is near. Only for suggestions. */
export function nearest(written: string, candidates: readonly string[]): string | undefined {
  const word = folded(written);
  const near = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word, folded(candidate)) }))
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
