import { createHash, randomUUID } from "node:crypto";
import { chmod, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { acquireLock } from "../../storage/lock.ts";
import { makePrivateFolder } from "../../storage/private-folder.ts";
import { isMissing, namesIn, storeError, syncFolder, waitForLock, withLock } from "./files.ts";

const lockName = /^work-([0-9a-f-]{36})\.lock$/;
const partialName = /^[0-9a-f]{64}$/;
const abandonedAfter = 14 * 24 * 60 * 60 * 1000;
const onlyTheOwner = 0o600;

export const storeLock = (root: string): string => join(root, "locks", "store.lock");
export const blobPath = (root: string, digest: string): string =>
  join(root, "blobs", "sha256", digest.slice("sha256:".length));
export const digestOf = (bytes: Uint8Array | string): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/**
 * A pack or a pull that is under way. While it lasts, no process drops blobs that nothing refers to yet. What a
 * killed one left behind is removed when the next one begins; partial downloads stay, to be continued.
 */
export class StoreWork implements AsyncDisposable {
  readonly #root: string;
  readonly #id = randomUUID();
  readonly #lock: Disposable;
  #count = 0;

  private constructor(root: string) {
    this.#root = root;
    const lock = acquireLock(join(root, "locks", `work-${this.#id}.lock`));
    if (lock === undefined) throw new Error("a lock with a new name is taken");
    this.#lock = lock;
  }

  static async begin(root: string, signal: AbortSignal): Promise<StoreWork> {
    return withLock(storeLock(root), signal, async () => {
      makePrivateFolder(join(root, "ingest"));
      makePrivateFolder(join(root, "blobs", "sha256"));
      await clearAbandoned(root);
      return new StoreWork(root);
    });
  }

  /** A new file that goes away with this work unless it is kept. */
  temporaryPath(): string {
    this.#count++;
    return join(this.#root, "ingest", `${this.#id}-${this.#count}`);
  }

  /** Where a download of a blob grows, across processes. Only under `lockBlob`. */
  partialPath(digest: string): string {
    return join(this.#root, "ingest", digest.slice("sha256:".length));
  }

  /** One process at a time downloads a blob. There are 256 locks, so that they never need to be removed. */
  lockBlob(digest: string, signal: AbortSignal): Promise<Disposable> {
    return waitForLock(join(this.#root, "locks", `blob-${digest.slice("sha256:".length).slice(0, 2)}.lock`), signal);
  }

  /**
   * Gives a complete file, whose digest was computed from what was written, its final name. It replaces what has
   * that name: that may be damaged, and this is known to be right.
   */
  async keep(temporary: string, digest: string): Promise<void> {
    const target = blobPath(this.#root, digest);
    try {
      await sync(temporary);
      await chmod(temporary, onlyTheOwner);
      await rename(temporary, target);
      await syncFolder(join(this.#root, "blobs", "sha256"));
    } catch (cause) {
      throw storeError(target, cause);
    }
  }

  async keepText(text: string): Promise<{ digest: string; size: number }> {
    const bytes = Buffer.from(text);
    const digest = digestOf(bytes);
    const temporary = this.temporaryPath();
    try {
      await using file = await open(temporary, "wx", onlyTheOwner);
      await file.writeFile(bytes);
    } catch (cause) {
      throw storeError(temporary, cause);
    }
    await this.keep(temporary, digest);
    return { digest, size: bytes.length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeFilesOf(this.#root, this.#id);
    this.#lock[Symbol.dispose]();
    await rm(join(this.#root, "locks", `work-${this.#id}.lock`), { force: true });
  }
}

/** Is another pack or pull under way? Only under the store's lock, and it clears away what is dead. */
export async function clearAbandoned(root: string): Promise<{ othersWork: boolean }> {
  let othersWork = false;
  for (const name of await namesIn(join(root, "locks"))) {
    const id = lockName.exec(name)?.[1];
    if (id === undefined) continue;
    const file = join(root, "locks", name);
    const lock = acquireLock(file);
    if (lock === undefined) {
      othersWork = true;
      continue;
    }
    await removeFilesOf(root, id);
    lock[Symbol.dispose]();
    await rm(file, { force: true });
  }
  await removeOldFiles(root, othersWork);
  return { othersWork };
}

async function removeFilesOf(root: string, id: string): Promise<void> {
  const ingest = join(root, "ingest");
  const names = (await namesIn(ingest)).filter((name) => name.startsWith(`${id}-`));
  await Promise.all(names.map((name) => rm(join(ingest, name), { force: true })));
}

/** Downloads that nobody continued for two weeks, and texts that were about to replace an index. */
async function removeOldFiles(root: string, othersWork: boolean): Promise<void> {
  const texts = (await namesIn(root)).filter((name) => name.startsWith(".") && name.endsWith(".tmp"));
  await Promise.all(texts.map((name) => rm(join(root, name), { force: true })));
  if (othersWork) return;
  const ingest = join(root, "ingest");
  for (const name of await namesIn(ingest)) {
    const path = join(ingest, name);
    if (!partialName.test(name)) continue;
    try {
      if (Date.now() - (await stat(path)).mtimeMs > abandonedAfter) await rm(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, "r+");
  await file.datasync();
}
