import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import {
  openFile,
  removeAbandoned,
  type ResolvedPath,
  stageFile,
  stageRemoval,
  versionOf,
  type Workspace,
} from "../workspace/index.ts";
import type { FileStep, JournalStore, PendingChange } from "./journal-store.ts";
import { removeFolders } from "./transaction.ts";

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

async function recoverOne({ id, files }: PendingChange, { store, workspace, recovered }: Recovery): Promise<void> {
  const found = [];
  for (const { path } of files) await removeAbandoned(dirname(join(workspace.root, path))).catch(() => undefined);
  for (const step of files) found.push({ step, ...(await currentVersion(workspace, step.path)) });
  if (found.every(({ step, version }) => version === step.after)) {
    store.finish(id);
    recovered.completed.push(...files.map(({ path }) => path));
    return;
  }
  for (const { step, version, target } of found.toReversed()) {
    if (version === step.before) continue;
    const isOurs = target !== undefined && version === step.after && existsSync(dirname(target.path));
    const isRestored = isOurs && (await restore(store, target, step).catch(() => false));
    (isRestored ? recovered.takenBack : recovered.left).push(step.path);
  }
  await removeFolders(workspace.root, files);
  store.forget(id);
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

/** What is at a path now: nothing, a version, or something that is no file of this workspace. */
export async function currentVersion(
  workspace: Workspace,
  path: string,
): Promise<{ version: string | undefined; target?: ResolvedPath; bytes?: Buffer }> {
  const target = await workspace.resolve(join(workspace.root, path), "write");
  // A link or a folder took its place: neither side of any change.
  if (!target.ok || target.value.kind === "directory" || target.value.name !== path) return { version: "none of ours" };
  if (target.value.kind === "missing") return { version: undefined, target: target.value };
  try {
    await using handle = await openFile(target.value);
    const { size } = await handle.stat();
    if (size > largestImage) return { version: "none of ours" };
    const bytes = await handle.readFile();
    return { version: versionOf(bytes), target: target.value, bytes };
  } catch {
    // What cannot be read cannot be compared, and is left alone.
    return { version: "none of ours" };
  }
}
