import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { TrustError } from "../../protocol/errors.ts";
import { acquireLock } from "../../storage/lock.ts";

const onlyTheOwner = 0o600;
const pollMilliseconds = 20;

/** Runs `work` while this process alone holds the lock; waits for another one that has it. */
export async function withLock<T>(file: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  using _lock = await waitForLock(file, signal);
  return await work();
}

export async function waitForLock(file: string, signal: AbortSignal): Promise<Disposable> {
  while (true) {
    signal.throwIfAborted();
    const lock = acquireLock(file);
    if (lock !== undefined) return lock;
    await sleep(pollMilliseconds, undefined, { signal });
  }
}

/** Replaces a file in one step, durably: after a crash it holds the old text or the new one. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await using file = await open(temporary, "wx", onlyTheOwner);
    await file.writeFile(text);
    await file.sync();
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw storeError(path, cause);
  }
  await syncFolder(dirname(path));
}

/** Makes renames in a folder durable, where the system can. */
export async function syncFolder(path: string): Promise<void> {
  try {
    await using folder = await open(path, "r");
    await folder.sync();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

/** Undefined when there is no such file. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

const reasons: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  ENOSPC: ["the disk is full", "free some space; trust kit remove REF drops a kit"],
  EDQUOT: ["the disk quota is used up", "free some space; trust kit remove REF drops a kit"],
  EACCES: ["permission denied", "check the rights of its folder, or set TRUST_HOME to another one"],
  EROFS: ["the file system is read-only", "set TRUST_HOME to a folder that can be written"],
};

/** Puts a failed file operation of the store into words; other errors come back as they are. */
export function storeError(path: string, cause: unknown): unknown {
  if (cause instanceof TrustError || !(cause instanceof Error) || !("syscall" in cause)) return cause;
  const { code = "" } = cause as NodeJS.ErrnoException;
  const [why, hint] = reasons[code] ?? [cause.message, undefined];
  return new TrustError("STORAGE_FAILED", `${path} cannot be written: ${why}`, { hint, cause });
}
