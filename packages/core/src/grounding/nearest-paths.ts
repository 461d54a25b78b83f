import { setImmediate as breathe } from "node:timers/promises";

/** Less alike is no likeness. */
const leastLikeness = 0.4;
const pathsAtOnce = 2000;

/** The paths that are written most like `wanted`; of those with such a name, the ones that lie nearest to it. */
export async function nearestPaths(wanted: string, paths: readonly string[], most: number): Promise<string[]> {
  const [name, whole] = [pairsOf(nameOf(wanted)), pairsOf(wanted)];
  const alike: { path: string; likeness: number }[] = [];
  for (const [index, path] of paths.entries()) {
    if (index % pathsAtOnce === pathsAtOnce - 1) await breathe();
    const ofName = likeness(name, pairsOf(nameOf(path)));
    if (ofName >= leastLikeness) alike.push({ path, likeness: ofName + likeness(whole, pairsOf(path)) / 2 });
  }
  const best = alike.toSorted((a, b) => b.likeness - a.likeness || (a.path < b.path ? -1 : 1));
  return best.slice(0, most).map(({ path }) => path);
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

function pairsOf(word: string): Set<string> {
  const text = `^${word.toLowerCase()}`;
  return new Set(Array.from({ length: text.length - 1 }, (_, index) => text.slice(index, index + 2)));
}

/** Dice's coefficient of the pairs of neighbouring characters, 0 to 1. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((pair) => b.has(pair)).length;
  return a.size + b.size === 0 ? 0 : (2 * shared) / (a.size + b.size);
}
