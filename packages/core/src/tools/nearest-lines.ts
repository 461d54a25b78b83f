const linesAround = 2;
const comparedCharacters = 200;

/**
 * The place of a file that is most like the wanted lines, numbered, with two lines around it; empty when
 * nothing is alike. For the message that helps a model to copy the text right.
 */
export function nearestLines(lines: readonly string[], wanted: readonly string[]): string {
  const at = nearestLine(lines, wanted);
  if (at === undefined) return "";
  const first = Math.max(0, at - linesAround);
  return lines
    .slice(first, at + linesAround + 1)
    .map((line, index) => `${String(first + index + 1).padStart(4)}\t${line.slice(0, comparedCharacters)}`)
    .join("\n");
}

/** The index of the line that is most like the longest of the wanted ones; undefined when nothing is alike. */
export function nearestLine(lines: readonly string[], wanted: readonly string[]): number | undefined {
  const longest = wanted.reduce((best, line) => (line.trim().length > best.trim().length ? line : best), "");
  const target = pairsOf(longest);
  let best = { at: -1, score: 0 };
  for (const [at, line] of lines.entries()) {
    const score = likeness(target, pairsOf(line));
    if (score > best.score) best = { at, score };
  }
  return best.at === -1 ? undefined : best.at;
}

function pairsOf(line: string): Set<string> {
  const text = line.trim().slice(0, comparedCharacters);
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, index) => text.slice(index, index + 2)));
}

/** Dice's coefficient of the pairs of neighbouring characters, 0 to 1. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  let shared = 0;
  for (const pair of a) if (b.has(pair)) shared += 1;
  return (2 * shared) / (a.size + b.size);
}
