import { getLoadablePath } from "sqlite-vec";

import { TrustError } from "../../protocol/errors.ts";
import { type Db, openDatabase } from "../../storage/database.ts";
import { deleteIndexDatabase, isDamaged } from "../database.ts";
import type { Passage } from "./passages.ts";

const schema = `
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE files (path TEXT PRIMARY KEY, digest TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE passages (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL, line INTEGER NOT NULL, end_line INTEGER NOT NULL, key TEXT NOT NULL
) STRICT;
CREATE INDEX passages_by_path ON passages (path);
`;

export interface NearPassage {
  path: string;
  line: number;
  endLine: number;
}

/** Vectors of different models, or of different widths, cannot be compared. */
interface Maker {
  model: string;
  width: number;
}

const nameOf = ({ model, width }: Maker): string => `${model} ${width}`;

interface EmbeddedFile {
  digest: string;
  passages: readonly { passage: Passage; vector: Float32Array }[];
  maker: Maker;
}

/** Vectors of passages by one model, in a database of their own: they can be made again at any time. */
export class VectorStore implements Disposable {
  readonly #db: Db;

  private constructor(db: Db) {
    this.#db = db;
  }

  /** A damaged one is begun anew. Throws PROGRAM_MISSING where SQLite's extension for vectors does not run. */
  static open(file: string): VectorStore {
    try {
      return new VectorStore(opened(file));
    } catch (error) {
      if (!isDamaged(error)) throw error;
    }
    deleteIndexDatabase(file);
    return new VectorStore(opened(file));
  }

  /** Forgets everything when another model, or one of another width, made what is there, or it can no longer be asked. */
  begin(maker: Maker): void {
    if (this.#maker() === nameOf(maker) && this.#answers(maker.width)) return;
    guarded(() =>
      this.#db.transaction(() => {
        this.#db.exec("DELETE FROM files; DELETE FROM passages; DROP TABLE IF EXISTS vectors;");
        this.#db.exec(`CREATE VIRTUAL TABLE vectors USING vec0(embedding float[${maker.width}])`);
        this.#db.prepare("INSERT OR REPLACE INTO facts VALUES ('maker', ?)").run(nameOf(maker));
      })(),
    );
  }

  /** Each file with the digest of what was read. */
  files(): Map<string, string> {
    const rows = this.#db.prepare<[], { path: string; digest: string }>("SELECT path, digest FROM files").all();
    return new Map(rows.map(({ path, digest }) => [path, digest]));
  }

  /** The vectors of a file's passages by their keys. */
  vectorsOf(path: string): Map<string, Float32Array> {
    const rows = this.#db
      .prepare<[string], { key: string; embedding: Buffer }>(
        "SELECT key, embedding FROM passages JOIN vectors ON vectors.rowid = passages.id WHERE path = ?",
      )
      .all(path);
    return new Map(rows.map(({ key, embedding }) => [key, floats(embedding)]));
  }

  /** Takes the place of what was known of the file. Throws STORAGE_FAILED when another process began anew meanwhile. */
  put(path: string, { digest, passages, maker }: EmbeddedFile): void {
    guarded(() =>
      this.#db.transaction(() => {
        if (this.#maker() !== nameOf(maker)) throw otherMaker();
        this.#forget(path);
        this.#db.prepare("INSERT INTO files VALUES (?, ?)").run(path, digest);
        const row = this.#db.prepare("INSERT INTO passages (path, line, end_line, key) VALUES (?, ?, ?, ?)");
        const vectors = this.#db.prepare("INSERT INTO vectors (rowid, embedding) VALUES (?, ?)");
        for (const { passage, vector } of passages) {
          const { lastInsertRowid } = row.run(path, passage.line, passage.endLine, passage.key);
          vectors.run(BigInt(lastInsertRowid), bytes(vector));
        }
      })(),
    );
  }

  forget(path: string): void {
    this.#db.transaction(() => this.#forget(path))();
  }

  /** The passages whose vectors are nearest, the best first. None before the first `begin`. */
  nearest(vector: Float32Array, count: number, maker: string): NearPassage[] {
    const known = this.#maker();
    if (known === undefined) return [];
    if (known !== nameOf({ model: maker, width: vector.length })) throw otherMaker();
    return guarded(() => this.#near(vector, count));
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #forget(path: string): void {
    this.#db.prepare("DELETE FROM vectors WHERE rowid IN (SELECT id FROM passages WHERE path = ?)").run(path);
    this.#db.prepare("DELETE FROM passages WHERE path = ?").run(path);
    this.#db.prepare("DELETE FROM files WHERE path = ?").run(path);
  }

  #near(vector: Float32Array, count: number): NearPassage[] {
    return this.#db
      .prepare<[Buffer, number], NearPassage>(
        `SELECT path, line, end_line AS endLine FROM
           (SELECT rowid, distance FROM vectors WHERE embedding MATCH ? AND k = ?)
         JOIN passages ON passages.id = rowid ORDER BY distance, passages.id`,
      )
      .all(bytes(vector), count);
  }

  #answers(width: number): boolean {
    try {
      this.#near(new Float32Array(width).fill(1), 1);
      return true;
    } catch {
      // What is damaged within is made again.
      return false;
    }
  }

  #maker(): string | undefined {
    const row = this.#db.prepare<[], { value: string }>("SELECT value FROM facts WHERE key = 'maker'").get();
    return row?.value;
  }
}

function opened(file: string): Db {
  const db = openDatabase(file, [schema]);
  try {
    db.loadExtension(getLoadablePath());
    return db;
  } catch (cause) {
    db.close();
    throw isDamaged(cause) ? cause : missing(cause);
  }
}

const otherMaker = (): TrustError =>
  new TrustError("STORAGE_FAILED", "the vectors of this code were made by another model", {
    hint: "trust index build",
  });

function guarded<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof TrustError) throw cause;
    throw new TrustError("STORAGE_FAILED", "the vectors of this code cannot be read or written", {
      hint: "trust index drop, then trust index build",
      cause,
    });
  }
}

const missing = (cause: unknown): TrustError =>
  new TrustError("PROGRAM_MISSING", "SQLite's extension for vectors does not run on this system", {
    hint: "Search by words works without it: trust config unset index.embeddings",
    cause,
  });

const bytes = (vector: Float32Array): Buffer => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);

/** A copy, because a buffer of the database need not begin where an array of floats may. */
const floats = (buffer: Buffer): Float32Array => new Float32Array(new Uint8Array(buffer).buffer);
