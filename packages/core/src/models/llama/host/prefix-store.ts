import { createCipheriv, createHash, randomUUID } from "node:crypto";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  utimesSync,
} from "node:fs";
import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";

import type { AddonContext, Token } from "./addon.ts";
import { slicesOf } from "./file-slices.ts";
import type { KeptState, StateStore } from "./state-keeper.ts";

const mostBytes = 4 * 2 ** 30;
/** A state that is still being written after this time was left by a process that ended. */
const longestDraftMilliseconds = 3600 * 1000;
const shareOfFreeDisk = 0.1;
const nonceBytes = 12;
/** In front of a state's tokens, in llama.cpp's files: what it is, its version, how many tokens follow. */
const headerBytes = 12;
/** Restoring a token takes this share of the time that reading it does, or less. */
const restorePrice = 1 / 500;
const name = /^(?<count>\d+)-(?<digest>[0-9a-f]{32})-(?<seal>[0-9a-f]{32})\.state$/;

interface Saved {
  file: string;
  count: number;
  digest: string;
  seal: string;
}

/**
 * KV states of sequences as files, each named by how many tokens it holds, their SHA-256, and a seal of its bytes, these
 * tokens and the folder's name: everything else that a state depends on, see `stateKey`. A file that is not what its
 * name says, or comes from another folder, is deleted.
 * The least recently used leave when all of them are too large together. Private to the user.
 */
export class PrefixStore implements StateStore {
  readonly isReady = true;
  readonly #root: string;
  readonly #key: string;
  readonly #folder: string;
  readonly #cap: () => number;
  /** The tokens of the files that are there, by their path. */
  readonly #tokens = new Map<string, Uint32Array>();

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

  find(tokens: readonly Token[], canCut: boolean): Promise<KeptState | undefined> {
    const saved = this.#list();
    const files = new Set(saved.map(({ file }) => file));
    for (const file of this.#tokens.keys()) if (!files.has(file)) this.#tokens.delete(file);
    const kept = saved.flatMap(({ file, count, digest }) => {
      const shared = sharedLength(this.#tokensOf(file, { count, digest }), tokens);
      return shared === count || canCut ? [{ file, count, shared }] : [];
    });
    const gain = ({ shared, count }: KeptState): number => shared - count * restorePrice;
    return Promise.resolve(kept.toSorted((a, b) => gain(b) - gain(a))[0]);
  }

  async restore(context: AddonContext, sequence: number, { file, count, shared }: KeptState): Promise<boolean> {
    try {
      const { digest, seal } = savedAt(file) ?? { digest: "", seal: "" };
      if ((await this.#seal(file, digest)) !== seal) throw new Error("not what it was saved as");
      const restored = await context.loadSequenceStateFromFile(file, sequence, count);
      if (restored.length !== count || digestTokens(restored) !== digest) throw new Error("other tokens");
      if (shared < count && !context.removeTokenCellsFromSequence(sequence, shared, count)) throw new Error("uncut");
      utimesSync(file, new Date(), new Date());
      return true;
    } catch {
      context.disposeSequence(sequence);
      discard(file);
      return false;
    }
  }

  /** A state that cannot be saved, because the disk is full or the folder is not ours, is none: nothing is lost. */
  async save(context: AddonContext, sequence: number, tokens: readonly Token[]): Promise<string | undefined> {
    const held = Uint32Array.from(tokens);
    const digest = digestTokens(held);
    if (this.#list().some((saved) => saved.digest === digest)) return undefined;
    const draft = join(this.#folder, `draft-${randomUUID()}`);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      await context.saveSequenceStateToFile(draft, sequence, held);
      chmodSync(draft, 0o600);
      const file = join(this.#folder, `${tokens.length}-${digest}-${await this.#seal(draft, digest)}.state`);
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

  /**
   * A GMAC: it reads 50 MB in a tenth of the time that SHA-256 needs. Nothing here is secret, so it finds damage and
   * mistakes, as an unkeyed digest would.
   */
  async #seal(file: string, digest: string): Promise<string> {
    const key = createHash("sha256").update(this.#key).digest();
    const cipher = createCipheriv("aes-256-gcm", key, Buffer.from(digest, "hex").subarray(0, nonceBytes));
    for (const slice of slicesOf(file)) {
      cipher.setAAD(slice);
      await setImmediate();
    }
    cipher.final();
    return cipher.getAuthTag().toString("hex");
  }

  /** Other hosts of this user may have saved some. */
  #list(): Saved[] {
    return filesIn(this.#folder).flatMap((file) => savedAt(join(this.#folder, file)) ?? []);
  }

  /** None, and no file any more, when they are not what its name says. */
  #tokensOf(file: string, { count, digest }: { count: number; digest: string }): Uint32Array {
    const known = this.#tokens.get(file);
    if (known !== undefined) return known;
    const tokens = readTokens(file, count);
    if (tokens === undefined || digestTokens(tokens) !== digest) {
      discard(file);
      return new Uint32Array();
    }
    this.#tokens.set(file, tokens);
    return tokens;
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

function savedAt(file: string): Saved | undefined {
  const { count, digest, seal } = name.exec(basename(file))?.groups ?? {};
  if (count === undefined || digest === undefined || seal === undefined) return undefined;
  return { file, count: Number(count), digest, seal };
}

function readTokens(path: string, count: number): Uint32Array | undefined {
  const bytes = Buffer.alloc(count * Uint32Array.BYTES_PER_ELEMENT);
  try {
    const file = openSync(path, "r");
    try {
      readSync(file, bytes, 0, bytes.length, headerBytes);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
  return new Uint32Array(bytes.buffer, bytes.byteOffset, count);
}

const digestTokens = (tokens: Uint32Array): string => createHash("sha256").update(tokens).digest("hex").slice(0, 32);

function sharedLength(held: Uint32Array, wanted: readonly Token[]): number {
  const differs = held.findIndex((token, index) => token !== wanted[index]);
  return differs < 0 ? held.length : differs;
}
