import { listFiles } from "../codebase/index.ts";
import { keywords } from "./parse-mentions.ts";

const most = 6;

/**
 * What a person may mean that has typed so much behind `@`, best first: files and folders of the code whose names hold
 * it, in any case, and keywords that begin so.
 */
export async function completeMention(root: string, prefix: string, signal: AbortSignal): Promise<string[]> {
  const files = await listFiles(root, signal);
  const typed = prefix.toLowerCase();
  const ranked = [...foldersOf(files), ...files]
    .map((path) => ({ path, rank: rankOf(path.toLowerCase(), typed) }))
    .filter((found) => found.rank !== undefined)
    .sort((one, other) => (one.rank ?? 0) - (other.rank ?? 0) || one.path.length - other.path.length);
  const named = typed === "" ? [] : keywords.filter((keyword) => keyword.startsWith(typed));
  return [...named, ...ranked.map(({ path }) => path)].slice(0, most);
}

const foldersOf = (files: readonly string[]): Set<string> =>
  new Set(files.flatMap((path) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1))));

/** Begins so; its last part begins so; that part holds it; the path holds it. */
function rankOf(path: string, typed: string): number | undefined {
  if (path.startsWith(typed)) return 0;
  const name = path.slice(path.lastIndexOf("/", path.length - 2) + 1);
  if (name.startsWith(typed)) return 1;
  if (name.includes(typed)) return 2;
  return path.includes(typed) ? 3 : undefined;
}
