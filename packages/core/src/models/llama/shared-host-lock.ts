import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

/** A start takes less; a lock that is older names a process whose number was given away again. */
const longestStart = 60_000;

/** The right to start the shared host. */
export interface StartLock extends Disposable {
  /** From now on the lock lasts as long as that process does, also when this one dies. */
  handTo(pid: number): void;
}

/**
 * Takes the lock, or returns undefined while a living process has it. It is a file that names its holder: one of a dead
 * holder is taken over, so nothing is left of a process that was killed. Two may hold it for a moment when one of
 * them was taken over by mistake; the host itself then decides which of two goes on.
 */
export function takeStartLock(file: string): StartLock | undefined {
  const token = randomUUID();
  if (!create(file, text(process.pid, token))) {
    if (!isStale(file)) return undefined;
    discard(file);
    if (!create(file, text(process.pid, token))) return undefined;
  }
  return {
    handTo(pid) {
      const own = `${file}.${token}`;
      writeFileSync(own, text(pid, token), { mode: 0o600 });
      renameSync(own, file);
    },
    [Symbol.dispose]() {
      if (read(file)?.endsWith(token) === true) rmSync(file, { force: true });
    },
  };
}

const text = (pid: number, token: string): string => `${pid} ${token}`;

/** Appears with all its text, or not at all. */
function create(file: string, content: string): boolean {
  const own = `${file}.${randomUUID()}`;
  writeFileSync(own, content, { mode: 0o600 });
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function isStale(file: string): boolean {
  const pid = Number(read(file)?.split(" ")[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return true;
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > longestStart;
}

/** One of those who want a stale lock moves it away. A fresh one that was moved by mistake is put back. */
function discard(file: string): void {
  const away = `${file}.${randomUUID()}`;
  try {
    renameSync(file, away);
    if (!isStale(away)) linkSync(away, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EEXIST") throw error;
  } finally {
    rmSync(away, { force: true });
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Does a process have this number? One of another person counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
