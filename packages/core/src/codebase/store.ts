import type { FileTags, Reference } from "../protocol/code.ts";
import type { Db } from "../storage/database.ts";
import { isAliasConfig } from "./import-aliases.ts";
import type { Content, FileStamp, Source } from "./read-source.ts";
import { chunkOfLine, chunksOf, indexedWords, termsOf } from "./words.ts";

/** A file with what a parser found in it. */
export interface TaggedSource extends Source {
  tags: FileTags | undefined;
}

export interface StoredFile extends FileStamp {
  id: number;
  path: string;
  digest: string;
  content: Content;
  chunks: number;
}

interface Importing {
  file: number;
  path: string;
  /** As they are written, one a line. */
  imports: string;
  /** Null until it was looked up. */
  imported: Buffer | null;
}

/** More chunks than a file of the largest size can have. */
const chunksPerFile = 2 ** 16;

const chunkRow = (file: number, chunk: number): number => file * chunksPerFile + chunk;
export const fileOfRow = (row: number): number => Math.floor(row / chunksPerFile);
export const chunkOfRow = (row: number): number => row % chunksPerFile;

type Fact = "isComplete" | "needsLinks" | "version";

/** Everything that writes to the index. Throws STORAGE_FAILED; a damaged file passes SQLite's own error. */
export class IndexStore {
  readonly db: Db;
  readonly #names = new Map<string, number>();
  readonly #pending = new Map<Fact, number>();
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(db: Db) {
    this.db = db;
    this.#statements = prepareStatements(db);
  }

  /** What is known of every file, by path. */
  files(): Map<string, StoredFile> {
    const rows = this.db
      .prepare<[], StoredFile>("SELECT id, path, size, modified, changed, inode, digest, content, chunks FROM files")
      .all();
    return new Map(rows.map((row) => [row.path, row]));
  }

  file(path: string): StoredFile | undefined {
    return this.#statements.file.get(path) as StoredFile | undefined;
  }

  fact(key: Fact): number {
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    return (this.#statements.fact.get(key) as { value: number } | undefined)?.value ?? 0;
  }

  /** Stored by the next `commit`: each write of another table makes SQLite write out what it holds of `words`. */
  setFact(key: Fact, value: number): void {
    this.#pending.set(key, value);
  }

  /** Begins a transaction unless one is open: it stays open until `commit`, also while others wait for disks. */
  begin(): void {
    if (!this.db.inTransaction) this.db.exec("BEGIN IMMEDIATE");
  }

  commit(): void {
    for (const [key, value] of this.#pending) this.#statements.setFact.run(key, value);
    this.#pending.clear();
    if (this.db.inTransaction) this.db.exec("COMMIT");
  }

  rollback(): void {
    this.#names.clear();
    this.#pending.clear();
    if (this.db.inTransaction) this.db.exec("ROLLBACK");
  }

  /** Stores only that a file with this content was seen again. */
  restamp(id: number, { size, modified, changed, inode }: FileStamp): void {
    this.#statements.restamp.run(size, modified, changed, inode, id);
  }

  /** Puts a file in the place of what was known under its path. */
  put(source: TaggedSource): void {
    const known = this.file(source.path);
    if (known !== undefined) this.#forget(known);
    const chunks = source.content === "text" ? chunksOf(source.text) : [];
    const id = this.#putFile(source, chunks.length, known?.id);
    this.#putWords(id, chunks, source);
    if (source.tags !== undefined) this.#putTags(id, source.tags);
    if (known === undefined || isAliasConfig(source.path)) this.setFact("needsLinks", 1);
    this.#changed();
  }

  remove(file: StoredFile): void {
    this.#forget(file);
    this.#statements.removeFile.run(file.id);
    this.setFact("needsLinks", 1);
    this.#changed();
  }

  paths(): { id: number; path: string }[] {
    return this.db.prepare<[], { id: number; path: string }>("SELECT id, path FROM files ORDER BY path").all();
  }

  /** Files with what they import: all that were parsed, or only those whose imports were not looked up yet. */
  importing(isAll: boolean): Importing[] {
    const which = isAll ? "" : "WHERE imported IS NULL";
    return this.db
      .prepare<[], Importing>(
        `SELECT file, path, imports, imported FROM tags JOIN files ON files.id = file ${which} ORDER BY path`,
      )
      .all();
  }

  setImported(file: number, imported: Uint32Array): void {
    this.#statements.setImported.run(bytesOf(imported), file);
    this.#changed();
  }

  /** Forgets everything and gives the disk back what it took. */
  clear(): void {
    this.#names.clear();
    this.#pending.clear();
    this.db.exec(`BEGIN IMMEDIATE; DELETE FROM files; DELETE FROM names; DELETE FROM definitions; DELETE FROM tags;
      DELETE FROM graph; DELETE FROM facts WHERE key <> 'version'; INSERT INTO words (words) VALUES ('delete-all'); COMMIT; VACUUM`);
    this.#changed();
    this.commit();
  }

  /** Tells caches that what they hold is of yesterday. */
  #changed(): void {
    this.setFact("version", this.fact("version") + 1);
  }

  #forget({ id, chunks }: StoredFile): void {
    const { removeWords, removeDefinitions, removeTags } = this.#statements;
    if (chunks > 0) removeWords.run(chunkRow(id, 0), chunkRow(id, chunks));
    removeDefinitions.run(id);
    removeTags.run(id);
  }

  #putFile({ path, stamp, digest, content, tags }: TaggedSource, chunks: number, id: number | undefined): number {
    const { size, modified, changed, inode } = stamp;
    const values = [path, size, modified, changed, inode, digest, content, tags?.language ?? null, chunks];
    if (id === undefined) return Number(this.#statements.addFile.run(...values).lastInsertRowid);
    this.#statements.changeFile.run(...values, id);
    return id;
  }

  #putWords(id: number, chunks: readonly string[], { path, tags }: TaggedSource): void {
    const names = chunks.map(() => "");
    for (const { name, line } of tags?.definitions ?? []) {
      const chunk = Math.min(chunkOfLine(line), chunks.length - 1);
      names[chunk] += `${termsOf(name).join(" ")} `;
    }
    for (const [index, chunk] of chunks.entries()) {
      const words = index === 0 ? indexedWords(path) : "";
      this.#statements.putWords.run(chunkRow(id, index), indexedWords(chunk), names[index], words);
    }
  }

  #putTags(id: number, { definitions, references, imports }: FileTags): void {
    for (const [position, definition] of definitions.entries()) {
      const { name, kind, line, endLine, container, signature, exported } = definition;
      const values = [this.#name(name), kind, line, endLine, container ?? null, signature, exported ? 1 : 0];
      this.#statements.putDefinition.run(id, position, ...values);
    }
    this.#statements.putTags.run(
      id,
      bytesOf(Uint32Array.from(definitions, ({ name }) => this.#name(name))),
      bytesOf(this.#counts(references)),
      bytesOf(linesOf(references)),
      imports.map(({ from }) => from.replaceAll("\n", " ")).join("\n"),
    );
  }

  /** Pairs of a name and how many lines use it. */
  #counts(references: readonly Reference[]): Uint32Array {
    const counts = new Uint32Array(2 * references.length);
    let at = 0;
    for (const { name, lines } of references) {
      counts[at++] = this.#name(name);
      counts[at++] = lines.length;
    }
    return counts;
  }

  #name(name: string): number {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const { findName, putName } = this.#statements;
    const added = putName.run(name);
    const id = added.changes === 1 ? Number(added.lastInsertRowid) : (findName.get(name) as { id: number }).id;
    this.#names.set(name, id);
    return id;
  }
}

function prepareStatements(db: Db) {
  const columns = "path, size, modified, changed, inode, digest, content, language, chunks";
  return {
    file: db.prepare(
      "SELECT id, path, size, modified, changed, inode, digest, content, chunks FROM files WHERE path = ?",
    ),
    addFile: db.prepare(`INSERT INTO files (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    changeFile: db.prepare(
      `UPDATE files SET path = ?, size = ?, modified = ?, changed = ?, inode = ?, digest = ?, content = ?, language = ?,
       chunks = ? WHERE id = ?`,
    ),
    removeFile: db.prepare("DELETE FROM files WHERE id = ?"),
    restamp: db.prepare("UPDATE files SET size = ?, modified = ?, changed = ?, inode = ? WHERE id = ?"),
    putWords: db.prepare("INSERT INTO words (rowid, body, names, path) VALUES (?, ?, ?, ?)"),
    removeWords: db.prepare("DELETE FROM words WHERE rowid >= ? AND rowid < ?"),
    putDefinition: db.prepare("INSERT INTO definitions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    removeDefinitions: db.prepare("DELETE FROM definitions WHERE file = ?"),
    putTags: db.prepare("INSERT INTO tags (file, defined, referenced, lines, imports) VALUES (?, ?, ?, ?, ?)"),
    removeTags: db.prepare("DELETE FROM tags WHERE file = ?"),
    setImported: db.prepare("UPDATE tags SET imported = ? WHERE file = ?"),
    findName: db.prepare("SELECT id FROM names WHERE name = ?"),
    putName: db.prepare("INSERT INTO names (name) VALUES (?) ON CONFLICT DO NOTHING"),
    fact: db.prepare("SELECT value FROM facts WHERE key = ?"),
    setFact: db.prepare("INSERT OR REPLACE INTO facts VALUES (?, ?)"),
  };
}

function linesOf(references: readonly Reference[]): Uint32Array {
  const all = new Uint32Array(references.reduce((sum, { lines }) => sum + lines.length, 0));
  let at = 0;
  for (const { lines } of references) {
    all.set(lines, at);
    at += lines.length;
  }
  return all;
}

const bytesOf = (numbers: Uint32Array): Buffer => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);

/** The numbers of a blob. Copied, because a buffer of SQLite need not begin where a number may. */
export function numbersOf(blob: Buffer): Uint32Array {
  return new Uint32Array(blob.buffer.slice(blob.byteOffset, blob.byteOffset + blob.byteLength));
}
