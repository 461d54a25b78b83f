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
 * byte, so that a path may hold any other character. `end` is where a patch may follow, after
 * one more zero byte.
 */
export function parseListing(output: string): { changes: ListedChange[]; end: number } {
  const words = new Words(output);
  const changes: ListedChange[] = [];
  const byPath = new Map<string, ListedChange>();
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const raw = rawForm.exec(word);
    const counts = raw === null ? countForm.exec(word) : null;
    if (raw !== null) {
      const change = readRaw(raw, words);
      changes.push(change);
      byPath.set(change.path, change);
    } else if (counts !== null) {
      const [, added = "", deleted = "", name = ""] = counts;
      const path = name === "" ? words.nextBut(1) : name;
      Object.assign(byPath.get(path) ?? {}, readCounts(added, deleted));
    } else return { changes, end: word === "" ? words.position : words.before };
  }
  return { changes, end: words.before };
}

/** Texts that end with a zero byte, one after the other. */
class Words {
  readonly #text: string;
  /** Where the next word begins. */
  position = 0;
  /** Where the word that was read last begins. */
  before = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): string | undefined {
    const end = this.#text.indexOf("\0", this.position);
    this.before = this.position;
    if (end === -1) return undefined;
    const word = this.#text.slice(this.position, end);
    this.position = end + 1;
    return word;
  }

  /** The word after `skipped` others. */
  nextBut(skipped: number): string {
    for (let index = 0; index < skipped; index++) this.next();
    return this.next() ?? "";
  }
}

function readRaw([, blob = "", status = ""]: RegExpExecArray, words: Words): ListedChange {
  const isMoved = status === "R" || status === "C";
  const oldPath = isMoved ? words.nextBut(0) : undefined;
  const path = words.nextBut(0);
  const kept = /^0+$/.test(blob) ? undefined : blob;
  const none = { added: 0, deleted: 0, binary: false };
  return { status, path, blob: kept, ...none, ...(oldPath === undefined ? {} : { oldPath }) };
}

const readCounts = (added: string, deleted: string): Pick<ListedChange, "added" | "deleted" | "binary"> => ({
  added: Number(added) || 0,
  deleted: Number(deleted) || 0,
  binary: added === "-",
});
