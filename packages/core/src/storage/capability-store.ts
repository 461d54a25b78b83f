import type { Database } from "better-sqlite3";
import type * as z from "zod";

import { CapabilityRecord, type CapabilityStore, DialectChange, type ModelIdentity } from "../ports/capability.ts";
import { parseJson } from "../protocol/json.ts";
import { guarded, openDatabase } from "./database.ts";

const key = "weights TEXT NOT NULL, template TEXT NOT NULL, backend TEXT NOT NULL, json TEXT NOT NULL";
const table = (name: string): string =>
  `CREATE TABLE ${name} (${key}, PRIMARY KEY (weights, template, backend)) STRICT, WITHOUT ROWID;`;
const migrations = [table("capabilities"), table("downgrades")];

/** What was measured of models, in one SQLite file. Throws STORAGE_FAILED. */
export function createCapabilityStore(file: string): CapabilityStore {
  const db = openDatabase(file, migrations);
  const measured = modelTable({ db, file, name: "capabilities", schema: CapabilityRecord });
  const downgrades = modelTable({ db, file, name: "downgrades", schema: DialectChange });
  return {
    find: measured.find,
    save: measured.save,
    lastDowngrade: downgrades.find,
    noteDowngrade: downgrades.save,
    [Symbol.dispose]: () => db.close(),
  };
}

interface ModelTable<T> {
  db: Database;
  file: string;
  name: string;
  schema: z.ZodType<T>;
}

/** One value for each model. */
function modelTable<T>({ db, file, name, schema }: ModelTable<T>): {
  find: (identity: ModelIdentity) => T | undefined;
  save: (identity: ModelIdentity, value: T) => void;
} {
  const select = `SELECT json FROM ${name} WHERE weights = ? AND template = ? AND backend = ?`;
  const insert = `INSERT OR REPLACE INTO ${name} (weights, template, backend, json) VALUES (?, ?, ?, ?)`;
  return {
    find({ weights, template, backend }) {
      const row = guarded(file, () => db.prepare<string[], { json: string }>(select).get(weights, template, backend));
      return row === undefined ? undefined : parseJson(row.json, schema, file, "STORAGE_FAILED");
    },
    save({ weights, template, backend }, value) {
      guarded(file, () => db.prepare(insert).run(weights, template, backend, JSON.stringify(value)));
    },
  };
}
