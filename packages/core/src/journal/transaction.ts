import { existsSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";

import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import {
  type FileChange,
  fileError,
  openFile,
  putBack,
  type ResolvedPath,
  slashes,
  type StagedChange,
  stageFile,
  stageRemoval,
  versionOf,
} from "../workspace/index.ts";
import type { FileStep } from "./journal-store.ts";

/** Changes with what they replace: enough to take them back. */
export interface Described {
  files: FileStep[];
  /** Bytes by version, of both sides. */
  images: Map<string, Buffer>;
}

/** The number is that of the journal. */
interface BegunChange extends Described {
  change: number;
}

/** Reads what the changes would replace. FILE_CONFLICT when that is not what they expect. Changes nothing. */
export async function describeChanges(root: string, changes: readonly FileChange[]): Promise<Result<Described>> {
  const images = new Map<string, Buffer>();
  const files: FileStep[] = [];
  if (new Set(changes.map(({ target }) => target.path)).size < changes.length)
    return failure(new TrustError("INPUT_INVALID", "one change names a file twice"));
  for (const change of changes) {
    const { target, before, after } = change;
    const existing = await readImage(target, before);
    if (!existing.ok) return existing;
    if (existing.value !== undefined && before !== undefined) images.set(before, existing.value.bytes);
    const version = after === undefined ? undefined : versionOf(after);
    if (after !== undefined && version !== undefined) images.set(version, after);
    const folder = after === undefined ? change.folder : firstMissingFolder(root, target);
    files.push({ path: target.name, before, after: version, mode: existing.value?.mode ?? change.mode, folder });
  }
  return ok({ files, images });
}

/** Applies all changes, or none: what was applied before one failed is taken back. Throws when even that fails. */
export async function applyAll(
  root: string,
  changes: readonly FileChange[],
  described: BegunChange,
): Promise<Result<void>> {
  const staged: StagedChange[] = [];
  let current = "";
  try {
    for (const { target, after, mode } of changes) {
      current = target.name;
      const aside = asideName(described.change, target.name);
      staged.push(after === undefined ? stageRemoval(target, aside) : await stageFile(target, after, mode));
    }
  } catch (error) {
    await discardAll(staged);
    await removeFolders(root, made(described.files));
    return failure(fileError(error, current, "write"));
  }
  let committed = 0;
  try {
    for (const [index, { target, before }] of changes.entries()) {
      current = target.name;
      await staged[index]?.commit(before);
      committed = index + 1;
    }
    for (const one of staged) await one.settle();
  } catch (error) {
    await discardAll(staged);
    await takeBack(root, changes.slice(0, committed), described);
    return failure(fileError(error, current, "write"));
  }
  await removeFolders(root, emptied(described.files));
  return ok(undefined);
}

/** The name that a removed file has until its change is complete: what is found there was not removed by others. */
export function asideName(change: number, path: string): string {
  return `.trust-${versionOf(Buffer.from(`${change} ${path}`)).slice(0, 32)}.removed`;
}

/** What a change had to make folders for, and what it removes them with. */
export const made = (files: readonly FileStep[]): FileStep[] => files.filter(({ after }) => after !== undefined);
export const emptied = (files: readonly FileStep[]): FileStep[] => files.filter(({ after }) => after === undefined);

/** Puts back what these changes replaced, where their own bytes still are. Throws when that cannot be done now. */
export async function takeBack(root: string, changes: readonly FileChange[], described: BegunChange): Promise<void> {
  try {
    await putAllBack(root, changes, described);
  } catch (cause) {
    const names = changes.map(({ target }) => target.name).join(", ");
    const message = `a change failed, and its files are not put back yet: ${names}`;
    throw new TrustError("FILE_FAILED", message, { hint: "see to disk and rights, then: trust undo --list", cause });
  }
}

/** The last one first. */
async function putAllBack(root: string, changes: readonly FileChange[], begun: BegunChange): Promise<void> {
  const { files, images, change } = begun;
  for (const [index, { target, before, after }] of [...changes.entries()].toReversed()) {
    if (after === undefined && (await putBack(target, asideName(change, target.name)))) continue;
    const image = before === undefined ? undefined : images.get(before);
    const mode = files[index]?.mode;
    const staged = image === undefined ? stageRemoval(target) : await stageFile(target, image, mode);
    try {
      await staged.commit(after === undefined ? undefined : versionOf(after));
    } finally {
      await staged.discard();
    }
  }
  await removeFolders(root, made(files));
}

/** Removes the folders of these files, as far as they are empty. */
export async function removeFolders(root: string, files: readonly FileStep[]): Promise<void> {
  for (const { path, folder } of files) {
    if (folder === undefined) continue;
    const top = join(root, folder);
    for (let at = dirname(join(root, path)); at.length >= top.length; at = dirname(at)) {
      if (!(await removeEmpty(at))) break;
    }
  }
}

async function removeEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch {
    // Somebody put something there, or it is gone.
    return !existsSync(folder);
  }
}

async function discardAll(staged: readonly StagedChange[]): Promise<void> {
  for (const one of staged) await one.discard();
}

async function readImage(
  target: ResolvedPath,
  expected: string | undefined,
): Promise<Result<{ bytes: Buffer; mode: number } | undefined>> {
  if (expected === undefined) return ok(undefined);
  try {
    await using handle = await openFile({ ...target, kind: "file" });
    const bytes = await handle.readFile();
    if (versionOf(bytes) === expected) return ok({ bytes, mode: (await handle.stat()).mode & 0o7777 });
    return failure(changed(target.name, "was changed in the meantime"));
  } catch (error) {
    const failed = fileError(error, target.name, "write");
    return failure(existsSync(target.path) ? failed : changed(target.name, "was deleted in the meantime"));
  }
}

function changed(name: string, how: string): TrustError {
  return new TrustError("FILE_CONFLICT", `${name} ${how}; nothing was written`, {
    hint: "Read the file again, then repeat the change",
  });
}

function firstMissingFolder(root: string, { path }: ResolvedPath): string | undefined {
  let missing: string | undefined;
  for (let folder = dirname(path); folder.length > root.length && !existsSync(folder); folder = dirname(folder))
    missing = folder;
  return missing === undefined ? undefined : slashes(missing.slice(root.length).replace(/^[\\/]/, ""));
}
