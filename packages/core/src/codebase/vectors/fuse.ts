import type { SearchHit } from "../answers.ts";

/** The usual constant: how little the very first ranks stand out (reciprocal rank fusion, Cormack et al. 2009). */
const flatness = 60;
const mostLines = 4;

/** One list of two, by the ranks that a file has in each: their scores cannot be compared. */
export function fuse(byWords: readonly SearchHit[], byMeaning: readonly SearchHit[], limit: number): SearchHit[] {
  const fused = new Map<string, SearchHit>();
  for (const hits of [byWords, byMeaning]) {
    for (const [rank, hit] of hits.entries()) {
      const known = fused.get(hit.path);
      const score = (known?.score ?? 0) + 1 / (flatness + rank + 1);
      fused.set(hit.path, { ...hit, score, lines: merged(known?.lines ?? [], hit.lines) });
    }
  }
  return [...fused.values()].sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1)).slice(0, limit);
}

function merged(first: SearchHit["lines"], second: SearchHit["lines"]): SearchHit["lines"] {
  const lines = new Map([...second, ...first].map((shown) => [shown.line, shown]));
  const kept = new Set([...first, ...second].slice(0, mostLines).map(({ line }) => line));
  return [...lines.values()].filter(({ line }) => kept.has(line)).sort((a, b) => a.line - b.line);
}
