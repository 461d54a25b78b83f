import { randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { constants, type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { fileError, systemCode } from "./file-errors.ts";
import { openFile } from "./open-file.ts";
import { versionOf } from "./text-file.ts";
import type { ResolvedPath } from "./workspace.ts";

/** A change of one file that is on disk under another name, and takes one step to be seen. */
export interface StagedChange {
  /** Throws FILE_CONFLICT unless `expected` is still there, see `writeFileAtomically`. */
  commit(expected: string | undefined): Promise<void>;
  /** After `commit`, when all else is done: what was put aside goes for good. Throws. */
  settle(): Promise<void>;
  /** Removes what was written. Never fails. */
  discard(): Promise<void>;
}

/**
 * Replaces a whole file in one step: after a failure or a crash it holds either the old bytes or the new ones.
 * `expected` is the version that must still be there, undefined for a file that must not exist; otherwise
 * FILE_CONFLICT. Missing folders are made. Permissions of an existing file are kept. Gives the new version.
 */
export async function writeFileAtomically(
  target: ResolvedPath,
  bytes: Buffer,
  expected: string | undefined,
): Promise<Result<string>> {
  try {
    const staged = await stageFile(target, bytes);
    try {
      await staged.commit(expected);
    } finally {
      await staged.discard();
    }
    return ok(versionOf(bytes));
  } catch (error) {
    return failure(fileError(error, target.name, "write"));
  }
}

/** Writes the new bytes beside the file. Without `mode` an existing file keeps its own. Throws. */
export async function stageFile(target: ResolvedPath, bytes: Buffer, mode?: number): Promise<StagedChange> {
  const folder = dirname(target.path);
  const temporary = join(folder, `.trust-${process.pid}-${randomUUID()}.tmp`);
  const discard = (): Promise<void> => rm(temporary, { force: true }).catch(() => undefined);
  try {
    await mkdir(folder, { recursive: true });
    await removeAbandoned(folder);
    const existing = await statFile(target.path);
    if (existing !== undefined) await checkWritable(target.path);
    await writeTemporary(temporary, bytes, { existing, mode });
  } catch (error) {
    await discard();
    throw error;
  }
  const commit = async (expected: string | undefined): Promise<void> => {
    await checkUnchanged(target, expected);
    await rename(temporary, target.path);
    await syncFolder(folder);
  };
  return { commit, discard, settle: () => Promise.resolve() };
}

/** The removal of a file. With `aside` it lies beside its place under that name until the change is settled. */
export function stageRemoval(target: ResolvedPath, aside?: string): StagedChange {
  const folder = dirname(target.path);
  const commit = async (expected: string | undefined): Promise<void> => {
    await checkUnchanged(target, expected);
    await (aside === undefined ? rm(target.path) : rename(target.path, join(folder, aside)));
    await syncFolder(folder);
  };
  const settle = async (): Promise<void> => {
    if (aside !== undefined) await rm(join(folder, aside), { force: true });
  };
  return { commit, settle, discard: () => Promise.resolve() };
}

/** Gives a file its name again, which `stageRemoval` put aside. False when it did not, or the name is taken. */
export async function putBack(target: ResolvedPath, aside: string): Promise<boolean> {
  const folder = dirname(target.path);
  if ((await statFile(target.path)) !== undefined) return false;
  if ((await statFile(join(folder, aside))) === undefined) return false;
  await rename(join(folder, aside), target.path);
  await syncFolder(folder);
  return true;
}

/**
 * Removes what a process that was killed in the middle of a write left in this folder. `isIdle`: this process writes
 * nothing here, so what has its number is from an earlier one, as happens in containers.
 */
export async function removeAbandoned(folder: string, isIdle = false): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = /^\.trust-(\d+)-[0-9a-f-]{36}\.tmp$/.exec(name)?.[1];
    if (owner === undefined) continue;
    const isAbandoned = Number(owner) === process.pid ? isIdle : !isRunning(Number(owner));
    if (isAbandoned) await rm(join(folder, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

async function statFile(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** A rename would replace a read-only file without a word; opening it asks the system what this user may do. */
async function checkWritable(path: string): Promise<void> {
  const handle = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  await handle.close();
}

async function writeTemporary(
  path: string,
  bytes: Buffer,
  { existing, mode = existing?.mode }: { existing: Stats | undefined; mode: number | undefined },
): Promise<void> {
  await using handle = await open(path, "wx");
  await handle.writeFile(bytes);
  if (existing !== undefined) await keepOwner(handle, existing);
  if (mode !== undefined) await handle.chmod(mode & 0o7777);
  await handle.sync();
}

async function keepOwner(handle: FileHandle, existing: Stats): Promise<void> {
  const { uid, gid } = await handle.stat();
  if (uid !== existing.uid || gid !== existing.gid) {
    // Only root may give files away; for anyone else the new file is their own, as with any editor.
    await handle.chown(existing.uid, existing.gid).catch(() => undefined);
  }
}

async function checkUnchanged(target: ResolvedPath, expected: string | undefined): Promise<void> {
  const folder = dirname(target.path);
  if ((await realpath(folder)) !== folder) throw conflict(`the folder of ${target.name} was replaced by a link`);
  const existing = await statFile(target.path);
  if (existing === undefined) {
    if (expected !== undefined) throw conflict(`${target.name} was deleted in the meantime`);
    return;
  }
  if (expected === undefined) throw conflict(`${target.name} was created in the meantime`);
  await using handle = await openFile({ ...target, kind: "file" });
  if (versionOf(await handle.readFile()) !== expected) throw conflict(`${target.name} was changed in the meantime`);
}

function conflict(what: string): TrustError {
  return new TrustError("FILE_CONFLICT", `${what}; nothing was written`, {
    hint: "Read the file again, then repeat the change",
  });
}

/** Makes the rename durable. Some systems cannot sync a folder; the data itself is on disk already. */
async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, "r");
    await handle.sync();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}
