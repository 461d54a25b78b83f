import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { TrustError } from "../protocol/errors.ts";
import {
  fileError,
  openFile,
  putBack,
  removeAbandoned,
  type ResolvedPath,
  stageFile,
  stageRemoval,
  systemCode,
  versionOf,
  type Workspace,
} from "../workspace/index.ts";
import type { FileStep, JournalStore, PendingChange } from "./journal-store.ts";
import { asideName, emptied, made, removeFolders } from "./transaction.ts";

/** Tools change no larger files. */
const largestImage = 2 ** 30;

/** Paths of changes in whose middle a process died. */
export interface Recovered {
  /** All of their files had been written. */
  completed: string[];
  takenBack: string[];
  /** Somebody changed them since, so they stay as they are. */
  left: string[];
}

/** Brings every change that was begun to its end: completed when all its files are written, otherwise taken back. */
export async function recoverChanges(store: JournalStore, workspace: Workspace): Promise<Recovered> {
  const recovered: Recovered = { completed: [], takenBack: [], left: [] };
  for (const change of store.pending()) await recoverOne(change, { store, workspace, recovered });
  return recovered;
}

interface Recovery {
  store: JournalStore;
  workspace: Workspace;
  recovered: Recovered;
}

async function recoverOne({ id, files }: PendingChange, recovery: Recovery): Promise<void> {
  const { store, workspace, recovered } = recovery;
  const found: Found[] = [];
  for (const step of files) found.push({ step, ...(await currentVersion(workspace, step.path)) });
  const isComplete = found.every(({ step, version }) => version === step.after);
  if (!isComplete) await takeBackOne(id, found, recovery);
  for (const { path } of files) {
    const folder = dirname(join(workspace.root, path));
    await rm(join(folder, asideName(id, path)), { force: true }).catch(() => undefined);
    await removeAbandoned(folder, true).catch(() => undefined);
  }
  await removeFolders(workspace.root, isComplete ? emptied(files) : made(files));
  if (!isComplete) return store.forget(id);
  store.finish(id);
  recovered.completed.push(...files.map(({ path }) => path));
}

interface Found {
  step: FileStep;
  version: string | undefined;
  target?: ResolvedPath;
}

/** Removed files first: they still lie beside their places, until something is written there. */
async function takeBackOne(id: number, found: readonly Found[], { store, recovered }: Recovery): Promise<void> {
  const moved = found.filter(({ step, version }) => version !== step.before);
  for (const { step, version, target } of moved.filter((one) => one.step.after === undefined)) {
    const isOurs = target !== undefined && version === undefined;
    const isBack = isOurs && (await restored(step, () => putBack(target, asideName(id, step.path))));
    (isBack ? recovered.takenBack : recovered.left).push(step.path);
  }
  for (const { step, version, target } of moved.filter((one) => one.step.after !== undefined).toReversed()) {
    const isOurs = target !== undefined && version === step.after;
    const isBack = isOurs && (await restored(step, () => restore(store, target, step)));
    (isBack ? recovered.takenBack : recovered.left).push(step.path);
  }
}

/** False when somebody changed the file meanwhile. Throws when the system does not allow it now. */
async function restored({ path }: FileStep, work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TrustError && error.code === "FILE_CONFLICT") return false;
    const cause = fileError(error, path, "write");
    const message = `a change that was interrupted cannot be taken back yet: ${cause.message}`;
    throw new TrustError("FILE_FAILED", message, { hint: "see to disk and rights, then: trust undo --list", cause });
  }
}

async function restore(store: JournalStore, target: ResolvedPath, { before, after, mode }: FileStep): Promise<boolean> {
  const image = before === undefined ? undefined : store.image(before);
  if (before !== undefined && image === undefined) return false;
  const staged = image === undefined ? stageRemoval(target) : await stageFile(target, image, mode);
  try {
    await staged.commit(after);
    return true;
  } finally {
    await staged.discard();
  }
}

/** What is at a path now: nothing, a version, or what is no file of this workspace. Throws when it cannot be read. */
export async function currentVersion(
  workspace: Workspace,
  path: string,
): Promise<{ version: string | undefined; target?: ResolvedPath; bytes?: Buffer }> {
  const target = await workspace.resolveName(path);
  // A link or a folder took its place: neither side of any change.
  if (!target.ok || target.value.kind === "directory" || target.value.name !== path) return { version: "none of ours" };
  if (target.value.kind === "missing") return { version: undefined, target: target.value };
  try {
    await using handle = await openFile(target.value);
    const { size } = await handle.stat();
    if (size > largestImage) return { version: "none of ours" };
    const bytes = await handle.readFile();
    return { version: versionOf(bytes), target: target.value, bytes };
  } catch (error) {
    if (error instanceof TrustError || systemCode(error) === "ENOENT") return { version: "none of ours" };
    throw fileError(error, path, "read");
  }
}
