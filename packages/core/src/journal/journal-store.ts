import { zstdCompressSync, zstdDecompressSync } from "node:zlib";

import { type Db, guarded, openDatabase } from "../storage/database.ts";

/** What a person asked for, and all files that it changed. */
export interface Turn {
  id: number;
  session: string | undefined;
  /** Place of the person's message in the session. */
  message: number | undefined;
  title: string;
  /** ISO 8601. */
  at: string;
}

/** One file in one change. Versions are SHA-256, hexadecimal; undefined: there is no file. */
export interface FileStep {
  /** From the workspace's root, with `/`. */
  path: string;
  before: string | undefined;
  after: string | undefined;
  /** Permission bits of the file that was there. */
  mode: number | undefined;
  /** The topmost folder that the change had to make; of a removal: that goes with the file when it is empty. */
  folder: string | undefined;
}

interface BegunChange {
  what: string;
  files: readonly FileStep[];
  /** Bytes by version. */
  images: ReadonlyMap<string, Buffer>;
  marks: readonly Mark[];
}

export interface PendingChange {
  id: number;
  files: FileStep[];
}

const migrations = [
  `CREATE TABLE turns (
     id INTEGER PRIMARY KEY AUTOINCREMENT, root TEXT NOT NULL, session TEXT, message INTEGER,
     title TEXT NOT NULL, at TEXT NOT NULL
   ) STRICT;
   CREATE INDEX turns_by_root ON turns (root, id);
   CREATE TABLE changes (
     id INTEGER PRIMARY KEY AUTOINCREMENT, root TEXT NOT NULL,
     turn INTEGER REFERENCES turns (id) ON DELETE CASCADE, what TEXT NOT NULL, pending INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX changes_by_turn ON changes (turn, id);
   CREATE INDEX pending_changes ON changes (root) WHERE pending = 1;
   CREATE TABLE files (
     change INTEGER NOT NULL REFERENCES changes (id) ON DELETE CASCADE, seq INTEGER NOT NULL,
     path TEXT NOT NULL, before TEXT, after TEXT, mode INTEGER, folder TEXT, PRIMARY KEY (change, seq)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX files_before ON files (before);
   CREATE INDEX files_after ON files (after);
   CREATE TABLE undone (
     turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE, path TEXT NOT NULL, seq INTEGER NOT NULL,
     PRIMARY KEY (turn, path)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE blobs (digest TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;`,
  // What to note when a pending change ends, also when another process ends it.
  `CREATE TABLE marks (
     change INTEGER NOT NULL REFERENCES changes (id) ON DELETE CASCADE, seq INTEGER NOT NULL,
     turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE, path TEXT NOT NULL, undone INTEGER NOT NULL,
     PRIMARY KEY (change, seq)
   ) STRICT, WITHOUT ROWID;`,
];

/** What the images of files may take together, compressed; older turns leave. */
const mostBytes = 512 * 2 ** 20;

/** Turns, changes and images of files in one SQLite file. Everything is durable, also against a loss of power, when it returns. */
export class JournalStore implements Disposable {
  readonly #db: Db;
  readonly #file: string;
  readonly #root: string;

  constructor(file: string, root: string) {
    this.#file = file;
    this.#root = root;
    this.#db = openDatabase(file, migrations);
    this.#db.pragma("synchronous = FULL");
  }

  /** `turn` is made when it has no id yet. `marks` are noted when the change is finished. Gives the ids of both. */
  begin(
    turn: Omit<Turn, "id"> | number | undefined,
    { what, files, images, marks }: BegunChange,
  ): { turn: number | undefined; change: number } {
    return this.#write(() => {
      const id = typeof turn === "object" ? this.#addTurn(turn) : turn;
      const change = this.#run("INSERT INTO changes (root, turn, what, pending) VALUES (?, ?, ?, 1)", [
        this.#root,
        id ?? null,
        what,
      ]);
      const insert = this.#db.prepare("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)");
      for (const [seq, { path, before, after, mode, folder }] of files.entries())
        insert.run(change, seq, path, before ?? null, after ?? null, mode ?? null, folder ?? null);
      const keep = this.#db.prepare("INSERT OR IGNORE INTO blobs VALUES (?, ?)");
      for (const [digest, bytes] of images) keep.run(digest, zstdCompressSync(bytes));
      const mark = this.#db.prepare("INSERT INTO marks VALUES (?, ?, ?, ?, ?)");
      for (const [seq, { turn: marked, path, isUndone }] of marks.entries())
        mark.run(change, seq, marked, path, isUndone ? 1 : 0);
      return { turn: id, change };
    });
  }

  /** The change is complete. Paths that it took back or repeated are noted with the turns they belong to. */
  finish(change: number): void {
    this.#write(() => {
      this.#run("UPDATE changes SET pending = 0 WHERE id = ?", [change]);
      const marks = this.#db
        .prepare<[number], { turn: number; path: string; undone: number }>(
          "SELECT turn, path, undone FROM marks WHERE change = ? ORDER BY seq",
        )
        .all(change);
      const next = this.#one<{ seq: number }>("SELECT coalesce(max(seq), 0) + 1 AS seq FROM undone")?.seq ?? 1;
      for (const [index, { turn, path, undone }] of marks.entries()) {
        if (undone === 1) this.#run("INSERT OR REPLACE INTO undone VALUES (?, ?, ?)", [turn, path, next + index]);
        else this.#run("DELETE FROM undone WHERE turn = ? AND path = ?", [turn, path]);
      }
      // What only takes back or repeats has no turn, and nothing to take back.
      this.#run("DELETE FROM changes WHERE id = ? AND turn IS NULL", [change]);
    });
  }

  /** The change did not happen. */
  forget(change: number): void {
    this.#write(() => {
      const turn = this.#one<{ turn: number | null }>("SELECT turn FROM changes WHERE id = ?", change)?.turn ?? 0;
      this.#run("DELETE FROM changes WHERE id = ?", [change]);
      this.#run("DELETE FROM turns WHERE id = ? AND NOT EXISTS (SELECT 1 FROM changes WHERE turn = turns.id)", [turn]);
    });
  }

  /** Changes in this workspace that a process began and did not end. */
  pending(): PendingChange[] {
    return guarded(this.#file, () =>
      this.#db
        .prepare<[string], { id: number }>("SELECT id FROM changes WHERE root = ? AND pending = 1 ORDER BY id")
        .all(this.#root)
        .map(({ id }) => ({ id, files: this.#files("change = ?", id) })),
    );
  }

  /** Turns in this workspace, the newest first. */
  turns(limit: number): Turn[] {
    return guarded(this.#file, () =>
      this.#db
        .prepare<[string, number], Nullable<Turn>>(
          "SELECT id, session, message, title, at FROM turns WHERE root = ? ORDER BY id DESC LIMIT ?",
        )
        .all(this.#root, limit)
        .map((row) => withoutNull<Turn>(row)),
    );
  }

  /** The messages of a session from this place on are forgotten: later ones that take their places are others. */
  detach(session: string, message: number): void {
    this.#write(() =>
      this.#run("UPDATE turns SET session = NULL WHERE root = ? AND session = ? AND message >= ?", [
        this.#root,
        session,
        message,
      ]),
    );
  }

  /** Whether further changes can belong to a turn: it is there, and nothing of it was taken back. */
  isOpen(turn: number): boolean {
    return guarded(this.#file, () => {
      const sql = "SELECT 1 AS one FROM turns WHERE id = ? AND NOT EXISTS (SELECT 1 FROM undone WHERE turn = turns.id)";
      return this.#one(sql, turn) !== undefined;
    });
  }

  /** Later turns that changed a path and are in force. */
  laterTurns(turn: number, path: string): number[] {
    return guarded(this.#file, () =>
      this.#db
        .prepare<[string, number, string], { turn: number }>(
          `SELECT DISTINCT turn FROM changes JOIN files ON files.change = changes.id
           WHERE root = ? AND turn > ? AND pending = 0 AND path = ?
           AND NOT EXISTS (SELECT 1 FROM undone WHERE undone.turn = changes.turn AND undone.path = files.path)`,
        )
        .all(this.#root, turn, path)
        .map((row) => row.turn),
    );
  }

  /** Every step of a turn, in order. */
  stepsOf(turn: number): FileStep[] {
    return guarded(this.#file, () =>
      this.#files("change IN (SELECT id FROM changes WHERE turn = ? AND pending = 0)", turn),
    );
  }

  /** Which paths of a turn were taken back, and in which order of all. */
  undoneIn(turn: number): Map<string, number> {
    return guarded(this.#file, () => {
      const rows = this.#db
        .prepare<[number], { path: string; seq: number }>("SELECT path, seq FROM undone WHERE turn = ?")
        .all(turn);
      return new Map(rows.map(({ path, seq }) => [path, seq]));
    });
  }

  /** The bytes of a version; undefined when they left for want of room. */
  image(digest: string): Buffer | undefined {
    return guarded(this.#file, () => {
      const row = this.#one<{ bytes: Buffer }>("SELECT bytes FROM blobs WHERE digest = ?", digest);
      return row === undefined ? undefined : zstdDecompressSync(row.bytes);
    });
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #files(where: string, value: number): FileStep[] {
    return this.#db
      .prepare<[number], Nullable<FileStep>>(
        `SELECT path, before, after, mode, folder FROM files WHERE ${where} ORDER BY change, seq`,
      )
      .all(value)
      .map((row) => withoutNull<FileStep>(row));
  }

  #addTurn({ session, message, title, at }: Omit<Turn, "id">): number {
    this.#prune();
    return this.#run("INSERT INTO turns (root, session, message, title, at) VALUES (?, ?, ?, ?, ?)", [
      this.#root,
      session ?? null,
      message ?? null,
      title,
      at,
    ]);
  }

  /** Turns without images of their files cannot be taken back, so they leave together. */
  #prune(): void {
    const size = (): number =>
      this.#one<{ bytes: number }>("SELECT coalesce(sum(length(bytes)), 0) AS bytes FROM blobs")?.bytes ?? 0;
    const sweep = (): void =>
      void this.#run(
        "DELETE FROM blobs WHERE NOT EXISTS (SELECT 1 FROM files WHERE before = digest OR after = digest)",
        [],
      );
    sweep();
    while (size() > mostBytes) {
      const oldest = this.#one<{
        id: number;
      }>(`SELECT min(id) AS id FROM turns WHERE id NOT IN (SELECT turn FROM changes WHERE pending = 1 AND turn IS NOT NULL)
         HAVING count(*) > 1`);
      if (oldest === undefined) return;
      this.#run("DELETE FROM turns WHERE id = ?", [oldest.id]);
      sweep();
    }
  }

  #write<T>(work: () => T): T {
    return guarded(this.#file, () => this.#db.transaction(work).immediate());
  }

  #run(sql: string, values: readonly (string | number | null)[]): number {
    return Number(this.#db.prepare(sql).run(...values).lastInsertRowid);
  }

  #one<Row>(sql: string, ...values: (string | number)[]): Row | undefined {
    return this.#db.prepare<(string | number)[], Row>(sql).get(...values);
  }
}

/** A path of a turn that was taken back, or is in force again. */
export interface Mark {
  turn: number;
  path: string;
  isUndone: boolean;
}

type Nullable<T> = { [Key in keyof T]: undefined extends T[Key] ? T[Key] | null : T[Key] };

function withoutNull<T>(row: Nullable<T>): T {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? undefined])) as T;
}
