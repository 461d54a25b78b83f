import { rmSync } from "node:fs";

import { TrustError } from "../protocol/errors.ts";
import { openDatabase } from "../storage/database.ts";
import { acquireLock } from "../storage/lock.ts";
import { IndexStore } from "./store.ts";

/**
 * A row of `words` is one chunk of a file; its number holds both (see `chunkRow`). `names` are identifiers that
 * `tags` and `definitions` refer to. Blobs are arrays of 32-bit numbers in this machine's order:
 * `defined` names, `referenced` pairs of a name and how many lines follow for it in `lines`, and `imported`
 * files, which is null until it has been looked up.
 */
const schema = `
CREATE TABLE files (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size REAL NOT NULL, modified REAL NOT NULL,
  changed REAL NOT NULL, inode REAL NOT NULL, digest TEXT NOT NULL, content TEXT NOT NULL, language TEXT,
  chunks INTEGER NOT NULL
) STRICT;
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE definitions (
  file INTEGER NOT NULL, position INTEGER NOT NULL, name INTEGER NOT NULL, kind TEXT NOT NULL, line INTEGER NOT NULL,
  end_line INTEGER NOT NULL, container TEXT, signature TEXT NOT NULL, exported INTEGER NOT NULL,
  PRIMARY KEY (file, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX definitions_by_name ON definitions (name);
CREATE TABLE tags (
  file INTEGER PRIMARY KEY, defined BLOB NOT NULL, referenced BLOB NOT NULL, lines BLOB NOT NULL,
  imports TEXT NOT NULL, imported BLOB
) STRICT;
CREATE TABLE graph (
  version INTEGER PRIMARY KEY, starts BLOB NOT NULL, targets BLOB NOT NULL, weights BLOB NOT NULL, uses BLOB NOT NULL
) STRICT;
CREATE TABLE facts (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(
  body, names, path, content='', contentless_delete=1, tokenize="ascii tokenchars '_$'"
);
INSERT INTO words (words, rank) VALUES ('hashsize', 4000000);
`;

export const lockOf = (file: string): Disposable | undefined => acquireLock(`${file}.lock`);

/** Opens an index. One that is damaged or of a newer version is begun anew: it holds nothing but what can be read again. */
export function openIndexStore(file: string): IndexStore {
  try {
    return openAsItIs(file);
  } catch (error) {
    if (!isDamaged(error) && !isForeign(error)) throw error;
  }
  using lock = lockOf(file);
  if (lock !== undefined) deleteIndexDatabase(file);
  return openAsItIs(file);
}

function openAsItIs(file: string): IndexStore {
  const db = openDatabase(file, [schema]);
  try {
    db.pragma("cache_size = -8000");
    db.pragma("temp_store = MEMORY");
    return new IndexStore(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Leaves the lock where it is: another process may hold it. */
export function deleteIndexDatabase(file: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
}

/** A newer version of us wrote it, or it holds what no version of us did. */
function isForeign(error: unknown): boolean {
  if (!(error instanceof TrustError)) return (error as { code?: string }).code === "SQLITE_ERROR";
  return error.code === "STORAGE_FAILED" && (error.cause === undefined || isForeign(error.cause));
}

/** Whether SQLite found its file damaged. */
export function isDamaged(error: unknown): boolean {
  const { code = "" } = error as { code?: string };
  if (error instanceof TrustError) return isDamaged(error.cause ?? {});
  return code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB";
}
