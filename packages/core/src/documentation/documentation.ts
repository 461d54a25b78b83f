import { existsSync, rmSync } from "node:fs";

import { TrustError } from "../protocol/errors.ts";
import { oneLine } from "../protocol/words.ts";
import { type Db, guarded } from "../storage/database.ts";
import { acquireLock } from "../storage/lock.ts";
import { addSource } from "./add.ts";
import type { Added, AddedSource, AddOptions, DocumentHit, DocumentSearch } from "./answers.ts";
import { similarNames } from "./names.ts";
import type { DocumentPlace } from "./place.ts";
import { resolveSource } from "./resolve.ts";
import { searchDocuments } from "./search.ts";
import { docsError } from "./source.ts";
import { DocumentWriter, isDamaged, openDocumentStore, setAside, type StoredSource } from "./store.ts";

export interface DocumentationOptions {
  /** The database, in the person's data folder. */
  file: string;
  place: DocumentPlace;
}

/**
 * Documents that a person added, searchable without a network. A damaged database is set aside and a new one begun.
 * Throws STORAGE_FAILED where the disk does, INPUT_INVALID for what the person can write otherwise.
 */
export class Documentation implements Disposable {
  /** Says that a damaged database was set aside, and where it is. */
  notice: string | undefined;
  readonly #options: DocumentationOptions;
  #open: Db | undefined;

  constructor(options: DocumentationOptions) {
    this.#options = options;
  }

  /** Reads a source: a path, `package:NAME`, `man:NAME` or an archive. Adding it again reads only what changed. */
  async add(written: string, options: AddOptions): Promise<Added> {
    const source = resolveSource(written, this.#options.place);
    const name = oneLine(options.name ?? source.name);
    if (name === "") throw docsError("a source needs a name", "give it one: --name NAME");
    using lock = this.#lock();
    if (lock === undefined) throw busy();
    const known = this.#use((db) => findSource(db, name));
    try {
      const writer = new DocumentWriter(this.#db());
      return await addSource(writer, source, known, { ...options, name });
    } catch (error) {
      if (error instanceof TrustError) throw error;
      if (isDamaged(error)) this.#setAside();
      return guarded(this.#options.file, () => raise(error));
    } finally {
      this.#forgetEmpty();
    }
  }

  list(): AddedSource[] {
    if (!this.#exists()) return [];
    return this.#use((db) =>
      db
        .prepare<[], AddedSource>(
          `SELECT name, location, added, count(files.id) AS files, coalesce(sum(files.sections), 0) AS sections
           FROM sources LEFT JOIN files ON files.source = sources.id GROUP BY sources.id ORDER BY name`,
        )
        .all(),
    );
  }

  /** Throws INPUT_INVALID, with the names that there are, when none is called so. */
  remove(name: string): void {
    if (!this.#exists()) throw this.unknown(name);
    using lock = this.#lock();
    if (lock === undefined) throw busy();
    const isKnown = this.#use((db) => {
      const known = findSource(db, name);
      if (known !== undefined) db.transaction(() => new DocumentWriter(db).removeSource(known.id)).immediate();
      return known !== undefined;
    });
    if (!isKnown) throw this.unknown(name);
    this.#forgetEmpty();
    // Gives the disk back what it took.
    if (this.#exists()) this.#use((db) => db.exec("VACUUM"));
  }

  /** The best sections first. */
  search(query: string, options: DocumentSearch = {}): DocumentHit[] {
    if (!this.#exists()) return [];
    return this.#use((db) => {
      const { source } = options;
      if (source !== undefined && findSource(db, source) === undefined) throw this.unknown(source);
      return searchDocuments(db, query, options);
    });
  }

  [Symbol.dispose](): void {
    this.#open?.close();
    this.#open = undefined;
  }

  /** The error for a name that was not added. */
  unknown(name: string): TrustError {
    const names = this.list().map((source) => source.name);
    if (names.length === 0)
      return docsError(`no documents are called ${name}: none were added`, "trust docs add package:NAME");
    const similar = similarNames(name, names);
    return docsError(
      `no documents are called ${name}`,
      `there are: ${(similar.length > 0 ? similar : names).slice(0, mostNames).join(", ")}`,
    );
  }

  #exists(): boolean {
    return this.#open !== undefined || existsSync(this.#options.file);
  }

  #lock(): Disposable | undefined {
    return acquireLock(`${this.#options.file}.lock`);
  }

  #use<T>(work: (db: Db) => T): T {
    const { file } = this.#options;
    return guarded(file, () => {
      try {
        return work(this.#db());
      } catch (error) {
        if (!isDamaged(error)) throw error;
        this.#setAside();
        return work(this.#db());
      }
    });
  }

  #db(): Db {
    if (this.#open !== undefined) return this.#open;
    try {
      this.#open = openDocumentStore(this.#options.file);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      this.#setAside();
      this.#open = openDocumentStore(this.#options.file);
    }
    return this.#open;
  }

  #setAside(): void {
    this[Symbol.dispose]();
    const aside = setAside(this.#options.file);
    this.notice = `the documents were damaged and are now in ${aside}; add them again: trust docs add`;
  }

  /** Without documents there is no file, by which others see that there are none. */
  #forgetEmpty(): void {
    if (!this.#exists() || this.list().length > 0) return;
    this[Symbol.dispose]();
    for (const suffix of ["", "-wal", "-shm"]) rmSync(this.#options.file + suffix, { force: true });
  }
}

const mostNames = 20;

const findSource = (db: Db, name: string): StoredSource | undefined =>
  db.prepare<[string], StoredSource>("SELECT id, name, origin, location, added FROM sources WHERE name = ?").get(name);

const busy = (): TrustError =>
  new TrustError("STORAGE_FAILED", "another Trust is changing the documents", { hint: "try again when it is done" });

function raise(error: unknown): never {
  throw error;
}
