import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..", "..", "..");

/** The program as it is installed: its committed entry, which loads the bundle. */
export const trustProgram = join(root, "packages", "cli", "bin", "trust.js");

/** Builds the bundle when a source file is newer. Costs about 0.1 s when nothing changed. */
export function buildProgram(): void {
  execFileSync(process.execPath, [join(root, "scripts", "bootstrap.mjs"), "ready"], { stdio: "pipe" });
}

/** A person without settings or sessions, whose commands leave no model host behind. */
export interface Home extends AsyncDisposable {
  /** Where the program keeps everything: `config`, `data`, `state`. */
  readonly folder: string;
  readonly env: Record<string, string>;
}

export async function scratchHome(): Promise<Home> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "trust-home-")));
  const folder = join(base, "trust");
  mkdirSync(join(folder, "config"), { recursive: true });
  return {
    folder,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: base,
      TRUST_HOME: folder,
      LANG: "C.UTF-8",
      TRUST_HOST_SHARED: "false",
    },
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

export interface RunOptions {
  home: Home;
  cwd: string;
  /** Replaces or, when undefined, removes a variable. */
  env?: Readonly<Record<string, string | undefined>>;
  /** What is piped in. Default: nothing. */
  input?: string;
  /** Leave the pipe open after `input`, as some harnesses do. */
  keepsInputOpen?: true;
  /** Another program than trust. */
  command?: readonly [string, ...string[]];
}

export interface Finished {
  /** The exit status; undefined when a signal ended the program. */
  status: number | undefined;
  stdout: string;
  stderr: string;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it wrote so far. */
  readonly stdout: () => string;
  readonly finished: Promise<Finished>;
}

/** Runs the program as a child and waits for its end. Fails when it showed a stack trace. */
export function trust(args: readonly string[], options: RunOptions): Promise<Finished> {
  return startTrust(args, options).finished;
}

export function startTrust(args: readonly string[], options: RunOptions): Running {
  const [program, ...before] = options.command ?? [process.execPath, trustProgram];
  const child = spawn(program, [...before, ...args], {
    cwd: options.cwd,
    env: { ...options.home.env, ...options.env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // A program that left without reading its input closes the pipe.
  child.stdin.on("error", () => undefined);
  child.stdin.write(options.input ?? "");
  if (options.keepsInputOpen !== true) child.stdin.end();
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const result = { status: code ?? undefined, stdout, stderr };
      if (stackTrace.test(stdout + stderr)) reject(new Error(`a stack trace was shown:\n${stdout}${stderr}`));
      else resolve(result);
    });
  });
  return { child, stdout: () => stdout, finished };
}

const stackTrace = /^\s+at .+(?::\d+:\d+|<anonymous>|node:)/m;
