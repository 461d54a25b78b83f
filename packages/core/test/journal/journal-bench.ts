import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Journal, type UndoOptions, undoTurns } from "../../src/journal/index.ts";
import { type TemporaryWorkspace, temporaryWorkspace } from "../../src/testing/index.ts";
import { type FileChange, openWorkspace, versionOf, type Workspace } from "../../src/workspace/index.ts";

export interface JournalBench extends AsyncDisposable {
  files: TemporaryWorkspace;
  workspace: Workspace;
  journal: Journal;
  place: { workspace: Workspace; file: string; locks: string };
  /** Changes files from what they are now to these texts; undefined removes one. */
  change(texts: Readonly<Record<string, string | Buffer | undefined>>, what?: string): Promise<string | undefined>;
  /** The code of what went wrong, or how each file came out. */
  undo(options?: Partial<UndoOptions>): Promise<string | Record<string, string>>;
  redo(options?: Partial<UndoOptions>): Promise<string | Record<string, string>>;
}

export async function journalBench(start: Readonly<Record<string, string>> = {}): Promise<JournalBench> {
  const files = await temporaryWorkspace(start);
  const folder = mkdtempSync(join(tmpdir(), "trust-journal-"));
  const workspace = await openWorkspace(files.path);
  const place = { workspace, file: join(folder, "journal.db"), locks: join(folder, "locks") };
  const journal = new Journal(place);
  const move = async (options: UndoOptions): Promise<string | Record<string, string>> => {
    const undone = await undoTurns(journal, options);
    if (!undone.ok) return undone.error.code;
    return Object.fromEntries(undone.value.files.map(({ path, how }) => [path, how]));
  };
  const last = { selection: { kind: "last", count: 1 }, merge: false } as const;
  return {
    files,
    workspace,
    journal,
    place,
    change: async (texts, what = "a change") => {
      const changes: FileChange[] = [];
      for (const [path, text] of Object.entries(texts)) changes.push(await changeOf(workspace, path, text));
      const applied = await journal.apply(changes, what);
      return applied.ok ? undefined : applied.error.code;
    },
    undo: (options) => move({ ...last, direction: "undo", ...options }),
    redo: (options) => move({ ...last, direction: "redo", ...options }),
    async [Symbol.asyncDispose]() {
      journal[Symbol.dispose]();
      await files[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function changeOf(
  workspace: Workspace,
  path: string,
  text: string | Buffer | undefined,
): Promise<FileChange> {
  const target = await workspace.resolve(path, "write");
  if (!target.ok) throw target.error;
  const { readFile } = await import("node:fs/promises");
  const before = target.value.kind === "file" ? versionOf(await readFile(target.value.path)) : undefined;
  return { target: target.value, before, after: text === undefined ? undefined : Buffer.from(text) };
}
