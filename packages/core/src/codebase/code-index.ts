import { realpathSync } from "node:fs";

import { TrustError } from "../protocol/errors.ts";
import { type Db, guarded } from "../storage/database.ts";
import type {
  CodeMap,
  FoundReference,
  FoundSymbol,
  MapOptions,
  ReferenceOptions,
  SearchHit,
  SearchOptions,
  SymbolOptions,
  SyncOptions,
  SyncResult,
} from "./answers.ts";
import { deleteIndexDatabase, isDamaged, lockOf, openIndexStore } from "./database.ts";
import { buildGraph, type CodeGraph, loadGraph, saveGraph } from "./graph.ts";
import { drawMap } from "./map.ts";
import { search } from "./search.ts";
import type { IndexStore } from "./store.ts";
import { outline, references, symbols } from "./symbols.ts";
import { syncFiles, touchFiles } from "./sync.ts";
import type { TagReader } from "./tag-reader.ts";
import { smallYoungGeneration } from "./young-generation.ts";

export interface IndexStatus {
  /** Text files that can be found. */
  files: number;
  /** Files that are known to be binary, generated or too large. */
  skipped: number;
  definitions: number;
  /** Whether all files were indexed since the last change was seen. */
  isComplete: boolean;
  /** Bytes of the database. */
  size: number;
}

/** The code of one workspace, searchable while it is being indexed. Throws STORAGE_FAILED where the disk does. */
export interface CodeIndex extends Disposable {
  /** Reads what changed on disk. Can be interrupted at any time; the next one goes on from there. */
  sync(options?: SyncOptions): Promise<SyncResult>;
  /** Indexes these files at once: paths from the root, with `/`. False when another process is indexing. */
  touch(paths: readonly string[]): Promise<boolean>;
  status(): IndexStatus;
  /** Empties the index; the next `sync` builds it anew. False when another process is indexing. */
  drop(): boolean;
  search(query: string, options?: SearchOptions): SearchHit[];
  symbols(name: string, options?: SymbolOptions): FoundSymbol[];
  /** What one file defines. */
  outline(path: string): FoundSymbol[];
  references(name: string, options?: ReferenceOptions): FoundReference[];
  map(options: MapOptions): Promise<CodeMap>;
}

export interface CodeIndexOptions {
  root: string;
  /** The database, in the person's own folder (`codeIndexFile`). */
  file: string;
  reader: TagReader;
}

/** Opens the index of a workspace, empty when there is none. A damaged one is begun anew, now or when it is found out. */
export function openCodeIndex(options: CodeIndexOptions): CodeIndex {
  return new DatabaseIndex({ ...options, root: realpathSync.native(options.root) });
}

class DatabaseIndex implements CodeIndex {
  readonly #options: CodeIndexOptions;
  readonly #touched = new Set<string>();
  #store: IndexStore;
  #graph: { version: number; graph: CodeGraph } | undefined;
  #syncing: Promise<SyncResult> | undefined;

  constructor(options: CodeIndexOptions) {
    this.#options = options;
    this.#store = openIndexStore(options.file);
  }

  async sync(options: SyncOptions = {}): Promise<SyncResult> {
    while (this.#syncing !== undefined) await this.#syncing.catch(() => undefined);
    this.#syncing = this.#sync(options);
    try {
      return await this.#syncing;
    } finally {
      this.#syncing = undefined;
    }
  }

  async #sync(options: SyncOptions): Promise<SyncResult> {
    using lock = lockOf(this.#options.file);
    if (lock === undefined) return { outcome: "busy", indexed: 0, removed: 0 };
    using _young = smallYoungGeneration();
    return await this.#written(() => syncFiles(this.#parts(), options));
  }

  async touch(paths: readonly string[]): Promise<boolean> {
    using lock = this.#syncing === undefined ? lockOf(this.#options.file) : undefined;
    if (lock === undefined && this.#syncing === undefined) return false;
    await this.#written(() => touchFiles(paths, this.#parts()));
    return true;
  }

  status(): IndexStatus {
    return this.#read((db) => {
      const count = (sql: string): number => db.prepare<[], number>(sql).pluck().get() ?? 0;
      return {
        files: count("SELECT count(*) FROM files WHERE content = 'text'"),
        skipped: count("SELECT count(*) FROM files WHERE content <> 'text'"),
        definitions: count("SELECT count(*) FROM definitions"),
        isComplete: this.#store.fact("isComplete") === 1,
        size: count("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"),
      };
    });
  }

  drop(): boolean {
    using lock = lockOf(this.#options.file);
    if (lock === undefined) return false;
    this.#graph = undefined;
    this.#read(() => this.#store.clear());
    return true;
  }

  search(query: string, options: SearchOptions = {}): SearchHit[] {
    return this.#read((db) => search(db, this.#options.root, { ...options, query }));
  }

  symbols(name: string, options: SymbolOptions = {}): FoundSymbol[] {
    return this.#read((db) => symbols(db, name, options));
  }

  outline(path: string): FoundSymbol[] {
    return this.#read((db) => outline(db, path));
  }

  references(name: string, options: ReferenceOptions = {}): FoundReference[] {
    return this.#read((db) => references(db, name, options));
  }

  async map(options: MapOptions): Promise<CodeMap> {
    return await this.#written(() => this.#drawMap(options));
  }

  [Symbol.dispose](): void {
    this.#store.db.close();
  }

  #parts(): { root: string; store: IndexStore; reader: TagReader; touched: Set<string> } {
    return { root: this.#options.root, store: this.#store, reader: this.#options.reader, touched: this.#touched };
  }

  async #drawMap(options: MapOptions): Promise<CodeMap> {
    const graph = await this.#currentGraph();
    return await drawMap(this.#store.db, graph, options);
  }

  async #currentGraph(): Promise<CodeGraph> {
    const version = this.#store.fact("version");
    const known = this.#graph;
    if (known?.version === version) return known.graph;
    const graph = loadGraph(this.#store.db, version) ?? (await this.#newGraph(version));
    this.#graph = { version, graph };
    return graph;
  }

  /** Kept for later processes, unless somebody is writing now. */
  async #newGraph(version: number): Promise<CodeGraph> {
    using _young = smallYoungGeneration();
    const graph = await buildGraph(this.#store.db);
    using lock = this.#syncing === undefined ? lockOf(this.#options.file) : undefined;
    if (lock !== undefined && version === this.#store.fact("version")) saveGraph(this.#store.db, version, graph);
    return graph;
  }

  #read<T>(work: (db: Db) => T): T {
    return guarded(this.#options.file, () => {
      try {
        return work(this.#store.db);
      } catch (error) {
        if (!isDamaged(error)) throw error;
        this.#beginAnew();
        return work(this.#store.db);
      }
    });
  }

  async #written<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isDamaged(error)) throw explained(error, this.#options.file);
      this.#beginAnew();
      return await work();
    }
  }

  #beginAnew(): void {
    this.#store.db.close();
    this.#graph = undefined;
    deleteIndexDatabase(this.#options.file);
    this.#store = openIndexStore(this.#options.file);
  }
}

/** What SQLite says becomes a sentence with the next step; anything else stays as it is. */
function explained(error: unknown, file: string): unknown {
  const { code } = error as { code?: unknown };
  if (error instanceof TrustError || typeof code !== "string" || !code.startsWith("SQLITE_")) return error;
  try {
    return guarded(file, () => raise(error));
  } catch (sentence) {
    return sentence;
  }
}

function raise(error: unknown): never {
  throw error;
}
