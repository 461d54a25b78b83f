import { join } from "node:path";

import { expect, test } from "vitest";

import { TrustError } from "../../src/protocol/errors.ts";
import { guarded, openDatabase } from "../../src/storage/database.ts";
import { temporaryFolder } from "../workspace/temporary-folder.ts";

const first = "CREATE TABLE words (word TEXT NOT NULL) STRICT;";
const second = "ALTER TABLE words ADD COLUMN length INTEGER NOT NULL DEFAULT 0;";

test("an older database is brought to the newest schema with its rows", () => {
  const file = join(temporaryFolder(), "words.db");
  const old = openDatabase(file, [first]);
  old.prepare("INSERT INTO words (word) VALUES ('tree')").run();
  old.close();
  const db = openDatabase(file, [first, second]);
  expect(db.prepare("SELECT * FROM words").all()).toEqual([{ word: "tree", length: 0 }]);
  expect(db.pragma("user_version", { simple: true })).toBe(2);
  db.close();
});

test("a migration that fails half-way changes nothing", () => {
  const file = join(temporaryFolder(), "words.db");
  openDatabase(file, [first]).close();
  expect(() => openDatabase(file, [first, `${second} CREATE TABLE words (again TEXT);`])).toThrow(TrustError);
  const db = openDatabase(file, [first]);
  expect(db.prepare("SELECT name FROM pragma_table_info('words')").pluck().all()).toEqual(["word"]);
  db.close();
});

test("a full disk is called a full disk, and what was written stays", () => {
  const file = join(temporaryFolder(), "words.db");
  const db = openDatabase(file, [first]);
  db.prepare("INSERT INTO words (word) VALUES ('kept')").run();
  db.pragma("max_page_count = 3");
  const insert = db.prepare("INSERT INTO words (word) VALUES (?)");
  expect(() => guarded(file, () => insert.run("x".repeat(100_000)))).toThrow(/the disk is full/);
  expect(db.prepare("SELECT word FROM words").pluck().all()).toEqual(["kept"]);
  db.close();
});

test("the settings that durability rests on are in force", () => {
  const db = openDatabase(join(temporaryFolder(), "words.db"), [first]);
  const pragma = (name: string): unknown => db.pragma(name, { simple: true });
  expect([pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys"), pragma("busy_timeout")]).toEqual([
    "wal",
    1,
    1,
    5000,
  ]);
  db.close();
});
