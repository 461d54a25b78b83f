/** One file of `git diff --raw --numstat -z`: what happened to it, and its lines. */
export interface ListedChange {
  /** Git's letter: A, M, D, R, C, T, U. */
  status: string;
  path: string;
  oldPath?: string;
  /** Of the new content; undefined where nothing is left. */
  blob: string | undefined;
  added: number;
  deleted: number;
  binary: boolean;
}

const rawForm = /^:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) ([A-Z])\d*$/;
const countForm = /^(-|\d+)\t(-|\d+)\t(.*)$/s;

/**
 * Raw lines come first (`:mode mode blob blob STATUS`, then the path, or old and new path), then counts
 * (`added TAB deleted TAB path`, or nothing for the path and then old and new path). Everything ends with a zero
 * byte, so that a path may hold any other character.
 */
export function parseListing(output: string): ListedChange[] {
  const words = output.split("\0").values();
  const changes: ListedChange[] = [];
  const byPath = new Map<string, ListedChange>();
  for (const word of words) {
    const raw = rawForm.exec(word);
    const counts = raw === null ? countForm.exec(word) : null;
    if (raw !== null) {
      const change = readRaw(raw, words);
      changes.push(change);
      byPath.set(change.path, change);
    } else if (counts !== null) {
      const [, added = "", deleted = "", name = ""] = counts;
      const path = name === "" ? lastOf(words, 2) : name;
      Object.assign(byPath.get(path) ?? {}, readCounts(added, deleted));
    }
  }
  return changes;
}

function readRaw([, blob = "", status = ""]: RegExpExecArray, words: Iterator<string>): ListedChange {
  const isMoved = status === "R" || status === "C";
  const oldPath = isMoved ? lastOf(words, 1) : undefined;
  const path = lastOf(words, 1);
  const kept = /^0+$/.test(blob) ? undefined : blob;
  const none = { added: 0, deleted: 0, binary: false };
  return { status, path, blob: kept, ...none, ...(oldPath === undefined ? {} : { oldPath }) };
}

const readCounts = (added: string, deleted: string): Pick<ListedChange, "added" | "deleted" | "binary"> => ({
  added: Number(added) || 0,
  deleted: Number(deleted) || 0,
  binary: added === "-",
});

/** The last of the next `count` words. */
function lastOf(words: Iterator<string>, count: number): string {
  let word = "";
  for (let index = 0; index < count; index++) {
    const next = words.next();
    if (next.done !== true) word = next.value;
  }
  return word;
}
