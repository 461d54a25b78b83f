import { dirname } from "node:path";

import Database from "better-sqlite3";

import { guarded } from "./database.ts";
import { makePrivateFolder } from "./private-folder.ts";

/**
 * Takes a lock among processes, or returns undefined when another one holds it. It is an exclusive
 * transaction on a small database, so the operating system releases it when this process dies.
 */
export function acquireLock(file: string): Disposable | undefined {
  return guarded(file, () => {
    makePrivateFolder(dirname(file));
    const db = new Database(file, { timeout: 0 });
    try {
      db.pragma("locking_mode = EXCLUSIVE");
      db.exec("BEGIN EXCLUSIVE");
    } catch (error) {
      db.close();
      if ((error as { code?: string }).code?.startsWith("SQLITE_BUSY") === true) return undefined;
      throw error;
    }
    return { [Symbol.dispose]: () => db.close() };
  });
}
