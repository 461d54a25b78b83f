import { createHash, randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync, statSync, utimesSync } from "node:fs";
import { basename, join } from "node:path";

import type { AddonContext, Token } from "./addon.ts";
import type { StateStore } from "./state-keeper.ts";
import { digestOf } from "./weights-digest.ts";

const mostBytes = 4 * 2 ** 30;
/** A state that is still being written after this time was left by a process that ended. */
const longestDraftMilliseconds = 3600 * 1000;
const shareOfFreeDisk = 0.1;
const name = /^(?<count>\d+)-(?<tokens>[0-9a-f]{32})-(?<content>[0-9a-f]{64})\.state$/;

interface Saved {
  file: string;
  count: number;
  tokens: string;
  content: string;
}

/**
 * KV states of sequences as files, each named by how many tokens it holds, their SHA-256, and one of its bytes with
 * the folder's name: everything else that a state depends on, see `stateKey`. A file that is not what its name says, or
 * comes from another folder, is deleted.
 * The least recently used leave when all of them are too large together. Private to the user.
 */
export class PrefixStore implements StateStore {
  readonly isReady = true;
  readonly #root: string;
  readonly #key: string;
  readonly #folder: string;
  readonly #cap: () => number;

  /** `cap`: bytes that all states of all models may take. */
  constructor(root: string, key: string, cap: () => number = () => defaultCap(root)) {
    this.#root = root;
    this.#key = key;
    this.#folder = join(root, key);
    this.#cap = cap;
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  find(tokens: readonly Token[]): Promise<number> {
    return Promise.resolve(this.#longest(tokens)?.count ?? 0);
  }

  async restore(context: AddonContext, sequence: number, tokens: readonly Token[], length: number): Promise<boolean> {
    const saved = this.#longest(tokens.slice(0, length));
    if (saved?.count !== length) return false;
    try {
      if ((await this.#seal(saved.file)) !== saved.content) throw new Error("not what it was saved as");
      const restored = await context.loadSequenceStateFromFile(saved.file, sequence, length);
      if (!sameTokens(restored, tokens, length)) throw new Error("other tokens");
      utimesSync(saved.file, new Date(), new Date());
      return true;
    } catch {
      context.disposeSequence(sequence);
      discard(saved.file);
      return false;
    }
  }

  /** A state that cannot be saved, because the disk is full or the folder is not ours, is none: nothing is lost. */
  async save(context: AddonContext, sequence: number, tokens: readonly Token[]): Promise<string | undefined> {
    const digest = digestTokens(tokens);
    if (this.#list().some((saved) => saved.tokens === digest)) return undefined;
    const draft = join(this.#folder, `draft-${randomUUID()}`);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      await context.saveSequenceStateToFile(draft, sequence, Uint32Array.from(tokens));
      chmodSync(draft, 0o600);
      const file = join(this.#folder, `${tokens.length}-${digest}-${await this.#seal(draft)}.state`);
      renameSync(draft, file);
      this.#makeRoom();
      return file;
    } catch {
      discard(draft);
      return undefined;
    }
  }

  remove(file: string): void {
    discard(file);
  }

  async #seal(file: string): Promise<string> {
    return createHash("sha256")
      .update(this.#key + (await digestOf(file)))
      .digest("hex");
  }

  #longest(tokens: readonly Token[]): Saved | undefined {
    const hash = createHash("sha256");
    let hashed = 0;
    let best: Saved | undefined;
    for (const saved of this.#list()) {
      if (saved.count > tokens.length) break;
      hash.update(bytesOf(tokens.slice(hashed, saved.count)));
      hashed = saved.count;
      if (hash.copy().digest("hex").slice(0, 32) === saved.tokens) best = saved;
    }
    return best;
  }

  /** By the number of tokens; other hosts of this user may have saved some. */
  #list(): Saved[] {
    return filesIn(this.#folder)
      .flatMap((file) => {
        const { count, tokens, content } = name.exec(file)?.groups ?? {};
        if (count === undefined || tokens === undefined || content === undefined) return [];
        return [{ file: join(this.#folder, file), count: Number(count), tokens, content }];
      })
      .toSorted((a, b) => a.count - b.count);
  }

  #makeRoom(): void {
    const all = filesIn(this.#root)
      .flatMap((folder) => filesIn(join(this.#root, folder)).map((file) => join(this.#root, folder, file)))
      .flatMap((file) => {
        const found = statSync(file, { throwIfNoEntry: false });
        return found === undefined ? [] : [{ file, bytes: found.size, used: found.mtimeMs }];
      })
      .toSorted((a, b) => a.used - b.used);
    let bytes = all.reduce((sum, one) => sum + one.bytes, 0);
    const cap = this.#cap();
    for (const one of all) {
      const isLeftBehind = basename(one.file).startsWith("draft-") && one.used < Date.now() - longestDraftMilliseconds;
      if (bytes <= cap && !isLeftBehind) continue;
      discard(one.file);
      bytes -= one.bytes;
    }
  }
}

/** The name of what a state depends on besides its tokens. */
export function stateKey(parts: {
  weights: string;
  template: string | undefined;
  contextSize: number;
  kvType: string;
  flashAttention: boolean;
  adapters: readonly string[];
  library: string;
}): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

function defaultCap(root: string): number {
  const { bavail, bsize } = statfsSync(root);
  return Math.min(mostBytes, bavail * bsize * shareOfFreeDisk);
}

/** What cannot be removed stays: its folder is not ours to write in. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true, recursive: true });
  } catch {
    // Nothing depends on it.
  }
}

const filesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const bytesOf = (tokens: readonly Token[]): Uint8Array => new Uint8Array(Uint32Array.from(tokens).buffer);

const digestTokens = (tokens: readonly Token[]): string =>
  createHash("sha256").update(bytesOf(tokens)).digest("hex").slice(0, 32);

function sameTokens(restored: Uint32Array, tokens: readonly Token[], length: number): boolean {
  return restored.length === length && restored.every((token, index) => token === tokens[index]);
}
