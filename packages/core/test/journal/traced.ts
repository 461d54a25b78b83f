import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";

import { parseUnknownJson } from "../../src/protocol/index.ts";
import type { JournalBench } from "./journal-bench.ts";

/** SQLite works in the main thread, all else in the other one. */
export type Thread = "main" | "worker";

/** One call of one thread: the n-th of its kind. */
export interface SystemCall {
  thread: Thread;
  name: string;
  number: number;
}

/** Of the first step that failed; empty when none did. */
export interface Failed {
  step?: number;
  name?: string;
  code?: string;
  message?: string;
  hint?: string;
}

export interface Traced {
  failed: Failed | undefined;
  wasKilled: boolean;
  /** The number fell on another call this time: threads wake each other as often as they need to. */
  hasMissed: boolean;
  calls: SystemCall[];
}

/** Those that change something. Between two of them a kill finds the same disk. */
const changing =
  "openat,write,pwrite64,fsync,fdatasync,?rename,renameat,renameat2,?unlink,unlinkat,?rmdir,?mkdir,mkdirat,?link,linkat," +
  "ftruncate,fallocate,?chmod,fchmod,fchmodat,fchown,?symlink,symlinkat";

const editor = fileURLToPath(new URL("./fixtures/traced-editor.ts", import.meta.url));

/** Why no process can be traced here; undefined when it can. */
export function whyNotTraced(): string | undefined {
  const child = spawn("sleep", ["20"]);
  try {
    execFileSync("timeout", ["0.3", "strace", "-p", String(child.pid)], { stdio: "pipe" });
  } catch (error) {
    const { status, code, message } = error as { status?: number; code?: string; message: string };
    // The time limit ends what was attached.
    return status === 124 ? undefined : `strace is not there or may not attach: ${code ?? message}`;
  } finally {
    child.kill("SIGKILL");
  }
  return undefined;
}

/** Runs the editor of a seed with one of its threads traced. `rule` is what strace does to a call, such as `signal=KILL`. */
export async function runTraced(
  { place }: JournalBench,
  { seed, edits, thread, inject }: { seed: number; edits: number; thread: Thread; inject?: [SystemCall, rule: string] },
): Promise<Traced> {
  const { workspace, file, locks } = place;
  const args = [workspace.root, file, locks, seed, edits].map(String);
  const child = spawn(process.execPath, ["--conditions=@trust-cli/source", editor, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, UV_THREADPOOL_SIZE: "1" },
  });
  const ended = once(child, "exit") as Promise<[number | null, string | null]>;
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const threads = parseUnknownJson((await lines.next()).value as string, "editor") as Record<Thread, number>;
  const log = `${file}.strace`;
  const tracer = await attach(threads[thread], log, inject).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  child.stdin.end("go\n");
  const said = await lines.next();
  const [status, signal] = await ended;
  await tracer.end;
  if (signal === null && status !== 0) throw new Error(`the editor ended with ${status}`);
  const text = readFileSync(log, "utf8");
  const calls = countCalls(text, thread);
  rmSync(log);
  const failed = said.done === true ? undefined : (parseUnknownJson(said.value, "editor") as Failed);
  return {
    failed,
    wasKilled: signal === "SIGKILL",
    hasMissed: text.split("\n").some((line) => line.includes("INJECTED") && isNoMatter(line)),
    calls,
  };
}

/** Resolves once the thread is traced, to a promise of the end. */
async function attach(
  id: number,
  log: string,
  inject: [SystemCall, rule: string] | undefined,
): Promise<{ end: Promise<unknown> }> {
  const rule = inject === undefined ? [] : ["-e", `inject=${inject[0].name}:${inject[1]}:when=${inject[0].number}`];
  const traced = inject?.[0].name ?? changing;
  const tracer: ChildProcess = spawn("strace", ["-e", `trace=${traced}`, ...rule, "-o", log, "-p", String(id)]);
  const end = once(tracer, "exit");
  for await (const line of createInterface(tracer.stderr as NodeJS.ReadableStream)) {
    if (line.includes("attached")) return { end };
    throw new Error(line);
  }
  throw new Error("strace ended before it attached");
}

function countCalls(log: string, thread: Thread): SystemCall[] {
  const counts = new Map<string, number>();
  return log.split("\n").flatMap((line) => {
    const name = /^(\w+)\(/.exec(line)?.[1];
    if (name === undefined) return [];
    const number = (counts.get(name) ?? 0) + 1;
    counts.set(name, number);
    return isNoMatter(line) ? [] : [{ thread, name, number }];
  });
}

/** The editor speaks, or one thread wakes another: nothing changes on the disk. */
const isNoMatter = (line: string): boolean =>
  line.startsWith("write(1,") || (line.startsWith("write(") && line.includes('"\\1\\0\\0\\0\\0\\0\\0\\0", 8)'));
