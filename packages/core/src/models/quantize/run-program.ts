import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

import { TrustError } from "../../protocol/errors.ts";

export interface ProgramRun {
  program: string;
  args: readonly string[];
  /** Hears both output streams as they come, in pieces of any size. */
  onText?: (text: string) => void;
  cwd?: string;
}

/** How a program ended; `output` is the end of what it wrote, both streams together, `printed` that of stdout alone. */
export interface ProgramEnd {
  succeeded: boolean;
  output: string;
  printed: string;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

const killMilliseconds = 2000;
const keptOutput = 64 * 1024;

/**
 * Runs a program to its end in a process group of its own, which an abort ends as a whole; then it throws the reason of
 * the abort. Throws PROGRAM_MISSING when the program cannot be started.
 */
export async function runProgram(run: ProgramRun, signal: AbortSignal): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const child = start(run);
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    killGroup(child, "SIGTERM");
    killTimer = setTimeout(() => killGroup(child, "SIGKILL"), killMilliseconds);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    let output = "";
    const hear = (text: string): void => {
      output = (output + text).slice(-keptOutput);
      run.onText?.(text);
    };
    let printed = "";
    listen(child.stderr, hear);
    listen(child.stdout, (text) => {
      printed = (printed + text).slice(-keptOutput);
      hear(text);
    });
    const status = await ended(child, run.program);
    signal.throwIfAborted();
    return { succeeded: status === 0, output, printed };
  } finally {
    clearTimeout(killTimer);
    signal.removeEventListener("abort", stop);
  }
}

function start({ program, args, cwd }: ProgramRun): Child {
  return spawn(program, [...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: ownEnvironment(),
    detached: process.platform !== "win32",
    windowsHide: true,
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** Without what Git sets for its hooks, which would have another Git work on the person's repository. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  return { ...Object.fromEntries(entries), LC_ALL: "C" };
}

function listen(stream: Readable, hear: (text: string) => void): void {
  const decoder = new StringDecoder("utf8");
  stream.on("data", (chunk: Buffer) => hear(decoder.write(chunk)));
}

/** Resolves when the program has ended and all its output was heard. */
function ended(child: Child, program: string): Promise<number | null> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", (cause) => {
    reject(new TrustError("PROGRAM_MISSING", `${program} could not be started: ${cause.message}`, { cause }));
  });
  child.once("close", resolve);
  return promise;
}

function killGroup(child: Child, signal: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined) return;
  if (process.platform === "win32") {
    spawn("taskkill", ["/pid", String(child.pid), "/t", "/f"], { stdio: "ignore", windowsHide: true });
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The whole group has ended already.
  }
}

/** The last lines of a program's output, for an error. */
export const lastLines = (output: string, count = 5): string =>
  output
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(-count)
    .join("; ");

/** Passes on whole lines only, and never the last one without its end. */
export function wholeLines(onLine: (line: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
}
