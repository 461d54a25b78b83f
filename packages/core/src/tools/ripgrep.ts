import { spawn } from "node:child_process";

import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { LineSplitter } from "../workspace/index.ts";

export interface RipgrepRun {
  /** After the options that every run gets; model-supplied values only behind `--`. */
  args: readonly string[];
  cwd: string;
  /** The byte that ends a record of the output. */
  delimiter: number;
  /** Bytes of a record to keep. */
  recordBytes: number;
  /** Called with each record as text; false ends the program. */
  onRecord: (record: string) => boolean;
}

export interface RipgrepEnd {
  /** What ripgrep said was wrong; empty when nothing was. */
  complaint: string;
}

/**
 * Hidden files are seen, `.git` is not, ignore files count with and without git, links are not followed.
 * The order of the files is that of their paths, so that equal workspaces give equal results.
 */
const commonOptions = [
  "--no-config",
  "--no-messages",
  "--hidden",
  "--no-require-git",
  "--glob=!.git",
  "--sort=path",
  "--null",
  "--color=never",
];

const complaintBytes = 2000;

/** Fails with PROGRAM_MISSING or INTERRUPTED. */
export async function runRipgrep(run: RipgrepRun, signal: AbortSignal): Promise<Result<RipgrepEnd>> {
  const program = await ripgrepPath();
  if (!program.ok) return program;
  if (signal.aborted) return failure(interrupted());
  const child = spawn(program.value, [...commonOptions, ...run.args], {
    cwd: run.cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  let isWanted = true;
  const splitter = new LineSplitter(run.delimiter, run.recordBytes, (bytes) => {
    if (!isWanted) return;
    isWanted = run.onRecord(bytes.toString("utf8"));
    if (!isWanted) stop();
  });
  let complaint = "";
  child.stdout.on("data", (chunk: Buffer) => splitter.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => {
    if (complaint.length < complaintBytes) complaint += chunk.toString("utf8");
  });
  const { promise, resolve } = Promise.withResolvers<Result<RipgrepEnd>>();
  child.on("error", (cause) => resolve(failure(missing(cause))));
  child.on("close", () => {
    splitter.end();
    resolve(signal.aborted ? failure(interrupted()) : ok({ complaint: complaint.trim() }));
  });
  return promise.finally(() => signal.removeEventListener("abort", stop));
}

/** Found at the first search: a platform without the program can still use every other tool. */
async function ripgrepPath(): Promise<Result<string>> {
  try {
    return ok((await import("@vscode/ripgrep")).rgPath);
  } catch (cause) {
    return failure(missing(cause));
  }
}

const interrupted = (): TrustError => new TrustError("INTERRUPTED", "interrupted by the person");

function missing(cause: unknown): TrustError {
  return new TrustError("PROGRAM_MISSING", "ripgrep, which searches files, could not be started on this system", {
    hint: "Install Trust again with optional dependencies",
    cause,
  });
}
