import { type ChildProcessByStdio, spawn, type StdioOptions } from "node:child_process";
import { existsSync } from "node:fs";
import { Socket } from "node:net";
import { constants } from "node:os";
import { type Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as delay } from "node:timers/promises";

export interface ShellRun {
  command: string;
  cwd: string;
  environment: NodeJS.ProcessEnv;
  seconds: number;
  onOutput: (text: string, from: "stdout" | "stderr") => void;
  /** What it leaves in the background ends with it. */
  leavesNothing?: true;
  /** Our own end does not wait for it, and ends it. */
  isBackground?: true;
}

/** How a command ended. `exitCode` is 128 + n after signal n. `outputHeld`: a process in the background goes on. */
export interface ShellEnd {
  exitCode: number;
  stopped: "timeout" | "abort" | undefined;
  outputHeld: boolean;
}

type Shell = ChildProcessByStdio<null, Readable, Readable>;

/** 128 + SIGINT. */
const interruptedCode = 130;
/** Between the request to end and the kill. */
const killMilliseconds = 2000;
/** How long output may trail behind the exit of the shell. */
const trailingMilliseconds = 250;

/**
 * Runs a command in a process group of its own, so that a time limit or an abort ends its children too.
 * Rejects with the system's error when the shell cannot be started.
 */
export async function runShell(run: ShellRun, signal: AbortSignal): Promise<ShellEnd> {
  if (signal.aborted) return { exitCode: interruptedCode, stopped: "abort", outputHeld: false };
  const shell = startShell(run);
  const exited = Promise.withResolvers<number>();
  shell.once("error", (error) => exited.reject(error));
  shell.once("exit", (code, name) => exited.resolve(code ?? 128 + (name === null ? 0 : constants.signals[name])));
  const closed = forward(shell, run.onOutput);
  let stopped: ShellEnd["stopped"];
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (reason: NonNullable<ShellEnd["stopped"]>): void => {
    if (stopped !== undefined) return;
    stopped = reason;
    killGroup(shell, "SIGTERM");
    killTimer = setTimeout(() => killGroup(shell, "SIGKILL"), killMilliseconds);
  };
  const abort = (): void => stop("abort");
  const limit = setTimeout(() => stop("timeout"), run.seconds * 1000);
  signal.addEventListener("abort", abort, { once: true });
  if (run.isBackground === true) letGo(shell, limit);
  try {
    const exitCode = await exited.promise;
    const isClosed = await Promise.race([closed, delay(trailingMilliseconds, false)]);
    if (stopped !== undefined || run.leavesNothing === true) killGroup(shell, "SIGKILL");
    return { exitCode, stopped, outputHeld: !isClosed && stopped === undefined };
  } finally {
    clearTimeout(limit);
    clearTimeout(killTimer);
    releaseWatcher(shell);
    signal.removeEventListener("abort", abort);
    shell.stdout.destroy();
    shell.stderr.destroy();
  }
}

function letGo(shell: Shell, limit: NodeJS.Timeout): void {
  limit.unref();
  shell.unref();
  for (const stream of shell.stdio) {
    if (stream instanceof Socket) stream.unref();
  }
}

function startShell({ command, cwd, environment }: ShellRun): Shell {
  const stdio: StdioOptions = ["ignore", "pipe", "pipe", "pipe"];
  const options = { cwd, env: environment, stdio };
  if (process.platform === "win32") {
    const args = ["/d", "/s", "/c", `"${command}"`];
    return spawn("cmd.exe", args, { ...options, windowsVerbatimArguments: true, windowsHide: true }) as Shell;
  }
  const program = existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh";
  return spawn(program, ["-c", guardedCommand, program, command], { ...options, detached: true }) as Shell;
}

/**
 * Runs the command ($1) beside a watcher that reads from us (descriptor 3): a line means that the command
 * has ended as it should, end of file that we died, and then nothing of its group may go on.
 */
const guardedCommand = '{ read -r _ <&3 || kill -s KILL -- "-$$"; } >/dev/null 2>&1 & exec 3<&-; exec "$0" -c "$1"';

function releaseWatcher(shell: Shell): void {
  const watcher = shell.stdio[3];
  if (!(watcher instanceof Writable)) return;
  watcher.on("error", () => undefined);
  watcher.end("\n");
}

/** Decodes both streams, each on its own. Resolves to true when both have ended. */
async function forward(shell: Shell, onOutput: ShellRun["onOutput"]): Promise<true> {
  const streams = [shell.stdout, shell.stderr];
  for (const name of ["stdout", "stderr"] as const) {
    const decoder = new StringDecoder("utf8");
    shell[name].on("data", (chunk: Buffer) => onOutput(decoder.write(chunk), name));
    shell[name].on("end", () => onOutput(decoder.end(), name));
  }
  await Promise.all(streams.map((stream) => new Promise<void>((resolve) => stream.once("close", () => resolve()))));
  return true;
}

function killGroup(shell: Shell, signal: "SIGTERM" | "SIGKILL"): void {
  if (shell.pid === undefined) return;
  if (process.platform === "win32") {
    spawn("taskkill", ["/pid", String(shell.pid), "/t", "/f"], { stdio: "ignore", windowsHide: true });
    return;
  }
  try {
    process.kill(-shell.pid, signal);
  } catch {
    // The whole group has ended already.
  }
}
