import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

import { parseJson, TrustError } from "@trust-cli/core/protocol";
import { LineSplitter } from "@trust-cli/core/workspace";

import { HostReport } from "./messages.ts";
import { type HostOrder, messageLimit } from "./orders.ts";

/** How to start a plugin host. It may read only the files and folders in `reads`, and nothing else of the machine. */
export interface PluginHostEntry {
  command: string;
  script: string;
  options: readonly string[];
  reads: readonly string[];
}

/** Whose doing the end of a host is: of a plugin, of nobody, or of the only one that ran, as the host did not say. */
export type Blame = { plugin: string } | "nobody" | "unsaid";

export interface ConnectionEvents {
  report(report: HostReport): void;
  /** Once. `reason` is a verb and what belongs to it. */
  gone(reason: string, blame: Blame): void;
}

/** JSON of JSON text: every character can take two, and control characters were spelled out before. */
const lineBytes = 8 * messageLimit;
const newline = 10;
/** More than the host's own cap, as the host knows who took the memory, and this side does not. */
const memoryCap = 640 * 1024 * 1024;
const memoryMilliseconds = 10;

/** The addon's loader looks at this file to tell C libraries apart. */
const libraryProbe = "/etc/alpine-release";

/** One running plugin host. It keeps this process alive only while `hold` says so. */
export class PluginHostConnection {
  readonly #child: ChildProcess;
  readonly #events: ConnectionEvents;
  #watch: NodeJS.Timeout | undefined;
  #dying: { reason: string; blame: Blame } | undefined;
  #isGone = false;
  #isClosed = false;
  #isReady = false;
  #stderr = "";

  constructor(entry: PluginHostEntry, events: ConnectionEvents) {
    this.#events = events;
    const reads = [...entry.reads, libraryProbe].map((path) => `--allow-fs-read=${path}`);
    const flags = ["--no-node-snapshot", "--permission", "--allow-addons", ...reads];
    this.#child = spawn(entry.command, [...flags, ...entry.options, entry.script], {
      stdio: ["pipe", "pipe", "pipe"],
      env: hostEnvironment(),
    });
    this.#listen();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isUsable(): boolean {
    return !this.#isGone && this.#dying === undefined;
  }

  /** It was started, so that its end is somebody's doing. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** It was told to leave, which is nobody's fault. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(order: HostOrder): void {
    if (!this.#isGone) this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  /** Whether a call is under way: only then this process waits for the host, and watches its memory. */
  hold(isBusy: boolean): void {
    for (const part of [this.#child, this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      const handle = part as { ref?: () => void; unref?: () => void } | null;
      if (isBusy) handle?.ref?.();
      else handle?.unref?.();
    }
    clearInterval(this.#watch);
    this.#watch = isBusy ? setInterval(() => this.#checkMemory(), memoryMilliseconds) : undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.kill("was closed");
  }

  kill(reason: string, blame: Blame = "unsaid"): void {
    this.#dying ??= { reason, blame };
    this.#child.kill("SIGKILL");
  }

  #listen(): void {
    const { stdout, stderr, stdin } = this.#child;
    if (stdout === null || stderr === null || stdin === null) throw new Error("the plugin host has no pipes");
    const lines = new LineSplitter(newline, lineBytes, (bytes) => this.#receive(bytes.toString("utf8")));
    stdout.on("data", (chunk: Buffer) => lines.push(chunk));
    stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    // A write to a host that just died: its exit tells the story.
    stdin.on("error", () => undefined);
    this.#child.on("error", (cause) => this.#end(`could not be started: ${cause.message}`));
    this.#child.on("close", (code, signal) => this.#end(describeExit(code, signal, this.#stderr)));
  }

  #receive(line: string): void {
    // Native code may print on its own; only our own lines begin with a brace.
    if (this.#isGone || !line.startsWith("{")) return;
    try {
      const report = parseJson(line, HostReport, "a line of the plugin host");
      if (report.type === "ready") this.#isReady = true;
      else if (report.type === "dying") this.kill(report.reason, blameOf(report));
      else this.#events.report(report);
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      this.kill("sent what is not understood");
    }
  }

  #end(reason: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    clearInterval(this.#watch);
    this.#events.gone(this.#dying?.reason ?? reason, this.#dying?.blame ?? "unsaid");
  }

  /** For a host whose own thread is held up. Elsewhere than on Linux it looks alone. */
  #checkMemory(): void {
    const bytes = process.platform === "linux" ? residentBytes(this.#child.pid) : 0;
    if (bytes > memoryCap) this.kill("used more than 512 MB of memory");
  }
}

const blameOf = ({ plugin }: Extract<HostReport, { type: "dying" }>): Blame =>
  plugin === undefined ? "nobody" : { plugin };

/** Node needs nothing from ours; Windows cannot load libraries without its own folder. */
function hostEnvironment(): NodeJS.ProcessEnv {
  const root = process.env["SystemRoot"];
  return root === undefined ? {} : { SystemRoot: root };
}

function residentBytes(pid: number | undefined): number {
  try {
    const pages = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1];
    return Number(pages ?? 0) * 4096;
  } catch {
    return 0;
  }
}

function describeExit(code: number | null, signal: NodeJS.Signals | null, stderr: string): string {
  const missing = /No native build was found[^\n]*/.exec(stderr)?.[0];
  if (missing !== undefined) return `has no isolated-vm for this system (${missing})`;
  return signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
}
