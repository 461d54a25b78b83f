import { renameSync, rmSync } from "node:fs";

import { isDamaged } from "../codebase/database.ts";
import { indexedWords } from "../codebase/words.ts";
import { type Db, openDatabase } from "../storage/database.ts";
import type { Section } from "./sections.ts";

/** A row of `words` is a section, by its id. `symbols` are what `search` finds exactly as it is written. */
const schema = `
CREATE TABLE sources (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, origin TEXT NOT NULL, location TEXT NOT NULL, added TEXT NOT NULL
) STRICT;
CREATE TABLE files (
  id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES sources (id), path TEXT NOT NULL, digest TEXT NOT NULL,
  size INTEGER NOT NULL, sections INTEGER NOT NULL, UNIQUE (source, path)
) STRICT;
CREATE TABLE sections (
  id INTEGER PRIMARY KEY, source INTEGER NOT NULL, file INTEGER NOT NULL REFERENCES files (id), line INTEGER NOT NULL,
  heading TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE INDEX sections_by_file ON sections (file);
CREATE INDEX sections_by_heading ON sections (heading COLLATE NOCASE);
CREATE TABLE symbols (
  name TEXT NOT NULL COLLATE NOCASE, section INTEGER NOT NULL, PRIMARY KEY (name, section)
) STRICT, WITHOUT ROWID;
CREATE INDEX symbols_by_section ON symbols (section);
CREATE VIRTUAL TABLE words USING fts5(
  body, headings, names, path, content='', contentless_delete=1, tokenize="ascii tokenchars '_$'"
);
INSERT INTO words (words, rank) VALUES ('hashsize', 8000000);
`;

/** A change of how documents are read makes all of them be read again. */
export const readerVersion = 1;

export interface StoredSource {
  id: number;
  name: string;
  origin: string;
  location: string;
  added: string;
}

export interface StoredDocument {
  id: number;
  path: string;
  digest: string;
  size: number;
  sections: number;
}

export function openDocumentStore(file: string): Db {
  const db = openDatabase(file, [schema]);
  try {
    db.pragma("cache_size = -16000");
    db.pragma("temp_store = MEMORY");
    // The first read finds out what is damaged.
    db.prepare("SELECT count(*) FROM sources").get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

export { isDamaged };

/** All that writes. Everything for one source happens inside of one transaction of the caller. */
export class DocumentWriter {
  readonly #db: Db;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(db: Db) {
    this.#db = db;
    this.#statements = prepareStatements(db);
  }

  begin(): void {
    this.#db.exec("BEGIN IMMEDIATE");
  }

  commit(): void {
    this.#db.exec("COMMIT");
  }

  rollback(): void {
    if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
  }

  putSource({ name, origin, location, added }: Omit<StoredSource, "id">): number {
    this.#statements.putSource.run(name, origin, location, added);
    return (this.#statements.findSource.get(name) as { id: number }).id;
  }

  documents(source: number): Map<string, StoredDocument> {
    const rows = this.#statements.documents.all(source) as StoredDocument[];
    return new Map(rows.map((row) => [row.path, row]));
  }

  putDocument(source: number, document: Omit<StoredDocument, "id" | "sections">, sections: readonly Section[]): void {
    const { path, digest, size } = document;
    const file = Number(this.#statements.putFile.run(source, path, digest, size, sections.length).lastInsertRowid);
    const pathWords = indexedWords(path);
    for (const { headings, symbols, line, text } of sections) {
      const heading = headings.join(" > ");
      const id = Number(this.#statements.putSection.run(source, file, line, heading, text).lastInsertRowid);
      const names = symbols.map(indexedWords).join(" ");
      this.#statements.putWords.run(id, indexedWords(text), indexedWords(heading), names, pathWords);
      for (const name of new Set(symbols.flatMap(waysToWrite))) this.#statements.putSymbol.run(name, id);
    }
  }

  removeDocument({ id }: Pick<StoredDocument, "id">): void {
    const { removeWords, removeSymbols, removeSections, removeFile } = this.#statements;
    for (const statement of [removeWords, removeSymbols, removeSections, removeFile]) statement.run(id);
  }

  removeSource(id: number): void {
    for (const document of this.documents(id).values()) this.removeDocument(document);
    this.#statements.removeSource.run(id);
  }
}

/** `fs.promises.readFile` is also called `promises.readFile` and `readFile`. */
function waysToWrite(symbol: string): string[] {
  const parts = symbol.split(/\.|::/);
  const separator = symbol.includes("::") ? "::" : ".";
  return parts.map((_, index) => parts.slice(index).join(separator));
}

function prepareStatements(db: Db) {
  return {
    putSource: db.prepare(
      `INSERT INTO sources (name, origin, location, added) VALUES (?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET location = excluded.location, added = excluded.added`,
    ),
    findSource: db.prepare("SELECT id FROM sources WHERE name = ?"),
    documents: db.prepare("SELECT id, path, digest, size, sections FROM files WHERE source = ?"),
    putFile: db.prepare("INSERT INTO files (source, path, digest, size, sections) VALUES (?, ?, ?, ?, ?)"),
    putSection: db.prepare("INSERT INTO sections (source, file, line, heading, text) VALUES (?, ?, ?, ?, ?)"),
    putWords: db.prepare("INSERT INTO words (rowid, body, headings, names, path) VALUES (?, ?, ?, ?, ?)"),
    putSymbol: db.prepare("INSERT OR IGNORE INTO symbols (name, section) VALUES (?, ?)"),
    removeWords: db.prepare("DELETE FROM words WHERE rowid IN (SELECT id FROM sections WHERE file = ?)"),
    removeSymbols: db.prepare("DELETE FROM symbols WHERE section IN (SELECT id FROM sections WHERE file = ?)"),
    removeSections: db.prepare("DELETE FROM sections WHERE file = ?"),
    removeFile: db.prepare("DELETE FROM files WHERE id = ?"),
    removeSource: db.prepare("DELETE FROM sources WHERE id = ?"),
  };
}

/** Where a damaged file lies from now on. */
export function setAside(file: string): string {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
  const aside = `${file}.damaged-${stamp}`;
  renameSync(file, aside);
  for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
  return aside;
}
