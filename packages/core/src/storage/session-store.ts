import { join } from "node:path";

import type { Clock } from "../ports/clock.ts";
import { systemClock } from "../ports/clock.ts";
import type { Session, SessionStore, SessionSummary } from "../ports/session-store.ts";
import { TrustError } from "../protocol/errors.ts";
import { parseJson } from "../protocol/json.ts";
import { Message } from "../protocol/messages.ts";
import { titleOf } from "../protocol/words.ts";
import { type Db, guarded, openDatabase } from "./database.ts";
import { acquireLock } from "./lock.ts";
import { missingResults } from "./repair-conversation.ts";
import { newSessionId } from "./session-id.ts";

const migrations = [
  `CREATE TABLE sessions (
     id TEXT PRIMARY KEY, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
     cwd TEXT NOT NULL, model TEXT NOT NULL, title TEXT NOT NULL
   ) STRICT;
   CREATE INDEX sessions_by_folder ON sessions (cwd, updated_at);
   CREATE TABLE messages (
     session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
     seq INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (session_id, seq)
   ) STRICT, WITHOUT ROWID;`,
];

const shortestPrefix = 4;

const selectSummaries = `SELECT s.id, s.created_at AS createdAt, s.updated_at AS updatedAt, s.cwd, s.model, s.title,
  (SELECT count(*) FROM messages m WHERE m.session_id = s.id) AS messages FROM sessions s`;

/** Sessions in one SQLite file. One process at a time may append to a session, by a lock in `locks`. */
export function createSessionStore(file: string, locks: string, clock: Clock = systemClock): SessionStore {
  const db = openDatabase(file, migrations);
  const store = { db, file, locks, clock };
  return {
    create: (cwd, model, id) => createSession(store, cwd, model, id),
    open: (id) => openSession(store, id),
    latest: (cwd) =>
      guarded(file, () =>
        db
          .prepare<[string], SessionSummary>(
            `${selectSummaries} WHERE s.cwd = ? ORDER BY s.updated_at DESC, s.id DESC LIMIT 1`,
          )
          .get(cwd),
      ),
    list: (limit) =>
      guarded(file, () =>
        db
          .prepare<[number], SessionSummary>(`${selectSummaries} ORDER BY s.updated_at DESC, s.id DESC LIMIT ?`)
          .all(limit),
      ),
    [Symbol.dispose]: () => db.close(),
  };
}

interface Store {
  db: Db;
  file: string;
  locks: string;
  clock: Clock;
}

function createSession(store: Store, cwd: string, model: string, reserved: string | undefined): Session {
  const now = store.clock.now();
  const id = reserved ?? newSessionId(now);
  const lock = lockSession(store, id);
  const at = new Date(now).toISOString();
  return keepingLock(lock, () => {
    guarded(store.file, () =>
      store.db
        .prepare("INSERT INTO sessions (id, created_at, updated_at, cwd, model, title) VALUES (?, ?, ?, ?, ?, '')")
        .run(id, at, at, cwd, model),
    );
    return session(store, id, [], lock);
  });
}

function openSession(store: Store, prefix: string): Session {
  const id = findId(store, prefix);
  const lock = lockSession(store, id);
  return keepingLock(lock, () => {
    const opened = session(store, id, readMessages(store, id), lock);
    for (const message of missingResults(opened.messages)) opened.append(message);
    return opened;
  });
}

/** The lock stays with what `work` returns, and is given back when it fails. */
function keepingLock<T>(lock: Disposable, work: () => T): T {
  try {
    return work();
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function findId({ db, file }: Store, prefix: string): string {
  const unknown = (why: string): TrustError =>
    new TrustError("SESSION_UNKNOWN", why, { hint: "trust session list shows all" });
  const wanted = prefix.toLowerCase();
  if (!/^[0-9a-z]+$/.test(wanted)) throw unknown(`there is no session ${prefix}`);
  if (wanted.length < shortestPrefix) throw unknown(`${prefix} is too short for the start of a session id`);
  const [first, second] = guarded(file, () =>
    db.prepare<[string], { id: string }>("SELECT id FROM sessions WHERE id LIKE ? LIMIT 2").all(`${wanted}%`),
  );
  if (first === undefined) throw unknown(`there is no session ${prefix}`);
  if (second !== undefined) throw unknown(`several sessions begin with ${prefix}`);
  return first.id;
}

function lockSession({ locks }: Store, id: string): Disposable {
  const lock = acquireLock(join(locks, `${id}.lock`));
  if (lock !== undefined) return lock;
  throw new TrustError("SESSION_BUSY", `session ${id} is open in another process`, {
    hint: "close it there, or start a new session: trust",
  });
}

function readMessages({ db, file }: Store, id: string): Message[] {
  const rows = guarded(file, () =>
    db
      .prepare<[string], { seq: number; json: string }>(
        "SELECT seq, json FROM messages WHERE session_id = ? ORDER BY seq",
      )
      .all(id),
  );
  return rows.map(({ seq, json }) => parseJson(json, Message, `message ${seq} of session ${id}`, "STORAGE_FAILED"));
}

function session(store: Store, id: string, messages: Message[], lock: Disposable): Session {
  const { db, file, clock } = store;
  const insert = db.prepare("INSERT INTO messages (session_id, seq, json) VALUES (?, ?, ?)");
  const touch = db.prepare(
    "UPDATE sessions SET updated_at = ?, title = CASE title WHEN '' THEN ? ELSE title END WHERE id = ?",
  );
  const write = db.transaction((message: Message) => {
    insert.run(id, messages.length, JSON.stringify(message));
    touch.run(new Date(clock.now()).toISOString(), message.role === "user" ? titleOf(message.text) : "", id);
  });
  return {
    id,
    messages,
    append(message) {
      guarded(file, () => write.immediate(message));
      messages.push(message);
    },
    rewind(length) {
      guarded(file, () => db.prepare("DELETE FROM messages WHERE session_id = ? AND seq >= ?").run(id, length));
      messages.length = Math.min(messages.length, length);
    },
    [Symbol.dispose]: () => lock[Symbol.dispose](),
  };
}
