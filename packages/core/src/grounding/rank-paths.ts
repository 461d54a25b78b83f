import { setImmediate as breathe } from "node:timers/promises";

import { isNear, partsOf, type Words } from "./words.ts";

/** What a word counts for, by the part of a path that it is. */
const points = { name: 16, stem: 12, folder: 8, part: 4, near: 1 };
/** So many files count as recently changed. */
const recentFiles = 40;
const mostScore = 2 ** 20;
const deepest = 2 ** 6;
const mostPaths = 2 ** 19;
/** Paths that are ranked before others may do their work. */
const pathsAtOnce = 2000;

/**
 * The paths that fit the words best, then those that changed lately, then those that are not deep. Of equals the
 * earlier ones. `paths` are in the order of their last change.
 */
export async function rankPaths(paths: readonly string[], words: Words, most: number): Promise<string[]> {
  if (paths.length <= most) return [...paths];
  const scores = new PathScores(words);
  const keys = new Float64Array(Math.min(paths.length, mostPaths));
  for (let index = 0; index < keys.length; index++) {
    if (index % pathsAtOnce === pathsAtOnce - 1) await breathe();
    keys[index] = keyOf(paths[index] ?? "", index, scores);
  }
  return [...keys.sort().subarray(0, most)].flatMap((key) => paths[key % mostPaths] ?? []);
}

/** One number to sort by, smallest first: the score, whether it is recent, how deep it lies, its index. */
function keyOf(path: string, index: number, scores: PathScores): number {
  const { score, depth } = scores.of(path);
  const isOld = index < recentFiles ? 0 : 1;
  const rank = (mostScore - 1 - Math.min(mostScore - 1, score)) * 2 + isOld;
  return (rank * deepest + Math.min(deepest - 1, depth)) * mostPaths + index;
}

interface Scored {
  score: number;
  depth: number;
}

class PathScores {
  readonly #words: Words;
  readonly #byLetter: ReadonlyMap<string, readonly (readonly [string, number])[]>;
  readonly #folders = new Map<string, Scored>([["", { score: 0, depth: 0 }]]);
  readonly #parts = new Map<string, number>();

  constructor(words: Words) {
    this.#words = words;
    this.#byLetter = Map.groupBy(words, ([word]) => word.slice(0, 1));
  }

  of(path: string): Scored {
    const slash = path.lastIndexOf("/");
    const above = this.#ofFolder(slash < 0 ? "" : path.slice(0, slash));
    const name = path.slice(slash + 1);
    const dot = name.lastIndexOf(".");
    const exact = this.#exact(name, points.name) || this.#exact(dot < 0 ? "" : name.slice(0, dot), points.stem);
    return { score: above.score + exact + this.#ofParts(name), depth: above.depth + 1 };
  }

  #ofFolder(folder: string): Scored {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const slash = folder.lastIndexOf("/");
    const above = this.#ofFolder(slash < 0 ? "" : folder.slice(0, slash));
    const name = folder.slice(slash + 1);
    const score = above.score + this.#exact(name, points.folder) + this.#ofParts(name);
    const scored = { score, depth: above.depth + 1 };
    this.#folders.set(folder, scored);
    return scored;
  }

  #exact(word: string, worth: number): number {
    return (this.#words.get(word.toLowerCase()) ?? 0) * worth;
  }

  #ofParts(name: string): number {
    let sum = 0;
    for (const part of partsOf(name)) sum += this.#ofPart(part);
    return sum;
  }

  #ofPart(part: string): number {
    const known = this.#parts.get(part);
    if (known !== undefined) return known;
    const word = part.toLowerCase();
    const weight = this.#words.get(word);
    const score = weight === undefined ? this.#nearby(word) * points.near : weight * points.part;
    this.#parts.set(part, score);
    return score;
  }

  #nearby(part: string): number {
    const words = this.#byLetter.get(part.slice(0, 1)) ?? [];
    return Math.max(0, ...words.filter(([word]) => isNear(word, part)).map(([, weight]) => weight));
  }
}
