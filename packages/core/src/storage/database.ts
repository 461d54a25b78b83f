import { chmodSync } from "node:fs";
import { dirname } from "node:path";

import Database from "better-sqlite3";

import { TrustError } from "../protocol/errors.ts";
import { makePrivateFolder } from "./private-folder.ts";

export type Db = Database.Database;

/** SQL that brings the schema from version `index` to `index + 1`. */
export type Migrations = readonly string[];

const busyMilliseconds = 5000;
const busyPauseMilliseconds = 10;
const privateFile = 0o600;

/**
 * Opens a database of ours, private to the person, in WAL mode and at the newest schema.
 * Throws STORAGE_FAILED when the folder, the disk or the file does not allow it; nothing is deleted.
 */
export function openDatabase(file: string, migrations: Migrations): Db {
  return guarded(file, () => {
    makePrivateFolder(dirname(file));
    const db = new Database(file, { timeout: busyMilliseconds });
    try {
      chmodSync(file, privateFile);
      useWriteAheadLog(db);
      db.pragma("synchronous = NORMAL");
      db.pragma("foreign_keys = ON");
      migrate(db, file, migrations);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** SQLite does not wait by itself when several processes make a database at the same moment. */
function useWriteAheadLog(db: Db): void {
  const end = performance.now() + busyMilliseconds;
  for (;;) {
    try {
      db.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      const isBusy = (error as { code?: string }).code?.startsWith("SQLITE_BUSY") === true;
      if (!isBusy || performance.now() > end) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, busyPauseMilliseconds);
    }
  }
}

/** Turns what SQLite and the disk say into a sentence with the next step. */
export function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof TrustError) throw cause;
    throw storageError(file, cause);
  }
}

function migrate(db: Db, file: string, migrations: Migrations): void {
  const current = (): number => Number(db.pragma("user_version", { simple: true }));
  if (current() > migrations.length) {
    throw new TrustError("STORAGE_FAILED", `${file} was written by a newer version of Trust`, {
      hint: "update Trust, or set TRUST_HOME to another folder",
    });
  }
  if (current() === migrations.length) return;
  db.transaction(() => {
    for (const sql of migrations.slice(current())) db.exec(sql);
    db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}

const reasons: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  SQLITE_FULL: ["the disk is full", "free some space and try again"],
  SQLITE_READONLY: ["it cannot be written", "check the rights of the file and its folder"],
  SQLITE_CANTOPEN: ["it cannot be opened", "check the rights of its folder, or set TRUST_HOME to another one"],
  SQLITE_CORRUPT: ["it is damaged", "move it away to begin a new one; the old one stays readable by sqlite3"],
  SQLITE_NOTADB: ["it is not a database", "move it away to begin a new one"],
  SQLITE_IOERR: ["the disk failed", "check the disk"],
  SQLITE_BUSY: ["another process holds it", "try again in a moment"],
  EACCES: ["its folder cannot be written", "check its rights, or set TRUST_HOME to another folder"],
  EROFS: ["its folder is read-only", "set TRUST_HOME to a folder that can be written"],
  ENOENT: ["its folder cannot be made", "set TRUST_HOME to a folder that can be written"],
  ENOSPC: ["the disk is full", "free some space and try again"],
  ENOTDIR: ["a part of its path is not a folder", "set TRUST_HOME to another folder"],
};

function storageError(file: string, cause: unknown): TrustError {
  const { code = "" } = cause as { code?: string };
  const known = Object.keys(reasons).find((key) => code.startsWith(key));
  const [why, hint] = (known === undefined ? undefined : reasons[known]) ?? [(cause as Error).message, undefined];
  return new TrustError("STORAGE_FAILED", `${file} is not usable: ${why}`, { hint, cause });
}
