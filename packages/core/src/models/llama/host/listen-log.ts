import { copyFileSync, fstatSync, truncateSync } from "node:fs";

const mostBytes = 5 * 1024 * 1024;
const stderr = 2;

/**
 * The log of a host that serves many: JSON lines on stderr, which its starter opened as the log file for appending. So
 * the last words of native code, which go there by themselves, are in the same file.
 */
export class HostLog {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  note(level: string, message: string): void {
    const text = message.trimEnd();
    if (text === "") return;
    const line = { time: new Date().toISOString(), level, message: text, pid: process.pid };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  }

  /** Begins a new file when this one is full; one old file is kept. The descriptor stays, since native code has it. */
  rotate(): void {
    try {
      if (fstatSync(stderr).size < mostBytes) return;
      copyFileSync(this.#file, `${this.#file}.old`);
      truncateSync(this.#file);
    } catch {
      // A full disk, or a folder that was removed: the host works on without its log.
    }
  }
}
