import { readdirSync, readFileSync } from "node:fs";

import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";

/** A program in a real pseudo-terminal, with a screen that can be read as a person would. */
export interface TerminalProgram extends Disposable {
  readonly pid: number;
  /** Everything the program wrote, escapes included. */
  readonly output: () => string;
  /** The visible screen as text, trailing blanks removed. */
  readonly screen: () => string;
  /** The screen with all scrollback above it. */
  readonly transcript: () => string;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Waits until `pattern` is on the screen or in the scrollback; fails with the screen after `seconds`. */
  waitFor(pattern: RegExp | string, seconds?: number): Promise<void>;
  readonly exited: Promise<number>;
}

export interface TerminalOptions {
  cwd: string;
  env?: Record<string, string>;
  columns?: number;
  rows?: number;
}

const pollMilliseconds = 10;

export function openTerminal(command: string, args: readonly string[], options: TerminalOptions): TerminalProgram {
  const { columns = 100, rows = 30 } = options;
  const screen = new xterm.Terminal({ cols: columns, rows, scrollback: 20_000, allowProposedApi: true });
  const child = spawn(command, [...args], {
    name: "xterm-256color",
    cols: columns,
    rows,
    cwd: options.cwd,
    env: { ...process.env, CI: "", COLORTERM: "truecolor", ...options.env },
  });
  const chunks: string[] = [];
  child.onData((data) => {
    chunks.push(data);
    screen.write(data);
  });
  // The program may ask the terminal for its state: answer as xterm does.
  screen.onData((answer) => child.write(answer));
  const exited = new Promise<number>((resolve) => {
    child.onExit(({ exitCode }) => resolve(exitCode));
  });
  const read = (from: number): string => readLines(screen, from);
  const transcript = (): string => read(0);
  return {
    pid: child.pid,
    output: () => chunks.join(""),
    screen: () => read(screen.buffer.active.baseY),
    transcript,
    type: (text) => child.write(text),
    resize: (toColumns, toRows) => {
      screen.resize(toColumns, toRows);
      child.resize(toColumns, toRows);
    },
    waitFor: (pattern, seconds = 20) => waitUntil(transcript, pattern, seconds),
    exited,
    [Symbol.dispose]: () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has left already.
      }
      screen.dispose();
    },
  };
}

function readLines(screen: xterm.Terminal, from: number): string {
  const { active } = screen.buffer;
  const lines: string[] = [];
  for (let index = from; index < active.length; index++) {
    lines.push(active.getLine(index)?.translateToString(true) ?? "");
  }
  return lines.join("\n").trimEnd();
}

async function waitUntil(transcript: () => string, pattern: RegExp | string, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const text = transcript();
    if (typeof pattern === "string" ? text.includes(pattern) : pattern.test(text)) return;
    await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
  }
  throw new Error(`${String(pattern)} did not appear in ${seconds} s. The screen:\n${transcript()}`);
}

/** Resident memory of one process in MiB. Linux only. */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

/** The children of a process, by reading /proc. Linux only. */
export function childProcesses(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8")
      .split(" ")
      .filter((word) => word !== "")
      .map(Number),
  );
}
