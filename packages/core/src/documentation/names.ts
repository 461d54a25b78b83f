import { editDistance } from "../protocol/edit-distance.ts";

const mostNames = 3;
const longest = 64;

/** The names most like a misspelt one, the likest first. Of a path each part counts as a name. */
export function similarNames(written: string, names: Iterable<string>): string[] {
  const word = folded(written);
  const most = Math.max(1, Math.floor(word.length / 3));
  const near: { name: string; edits: number; isCut: boolean }[] = [];
  for (const name of new Set(names)) {
    const ways = [name, ...name.split("/")].map(folded);
    const isBegun = ways.some((way) => isBeginning(way, word) || isBeginning(word, way));
    const close = ways.filter((way) => isBegun || Math.abs(way.length - word.length) <= most);
    const edits = Math.min(...close.map((way) => editDistance(word, way)));
    if (isBegun || edits <= most) near.push({ name, edits, isCut: !isBegun });
  }
  return near
    .sort((a, b) => a.edits - b.edits || Number(a.isCut) - Number(b.isCut) || (a.name > b.name ? -1 : 1))
    .slice(0, mostNames)
    .map(({ name }) => name);
}

const isBeginning = (start: string, whole: string): boolean => start.length > 2 && whole.startsWith(start);

const folded = (word: string): string =>
  word
    .slice(0, longest)
    .toLowerCase()
    .replaceAll(/[-_\s.]/g, "");
