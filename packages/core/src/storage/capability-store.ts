import { CapabilityRecord, type CapabilityStore, type ModelIdentity } from "../ports/capability.ts";
import { parseJson } from "../protocol/json.ts";
import { guarded, openDatabase } from "./database.ts";

const migrations = [
  `CREATE TABLE capabilities (
     weights TEXT NOT NULL, template TEXT NOT NULL, backend TEXT NOT NULL, json TEXT NOT NULL,
     PRIMARY KEY (weights, template, backend)
   ) STRICT, WITHOUT ROWID;`,
];

/** What was measured of models, in one SQLite file. Throws STORAGE_FAILED. */
export function createCapabilityStore(file: string): CapabilityStore {
  const db = openDatabase(file, migrations);
  return {
    find({ weights, template, backend }) {
      const row = guarded(file, () =>
        db
          .prepare<string[], { json: string }>(
            "SELECT json FROM capabilities WHERE weights = ? AND template = ? AND backend = ?",
          )
          .get(weights, template, backend),
      );
      return row === undefined ? undefined : parseJson(row.json, CapabilityRecord, file, "STORAGE_FAILED");
    },
    save({ weights, template, backend }: ModelIdentity, record) {
      guarded(file, () =>
        db
          .prepare("INSERT OR REPLACE INTO capabilities (weights, template, backend, json) VALUES (?, ?, ?, ?)")
          .run(weights, template, backend, JSON.stringify(record)),
      );
    },
    [Symbol.dispose]: () => db.close(),
  };
}
