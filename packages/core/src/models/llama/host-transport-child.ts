import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { hostArguments, type HostEntry, hostEnvironment } from "./host-entry.ts";
import { describeExit, type HostTransport, type TransportHandlers } from "./host-transport.ts";

const stderrKept = 4000;
const leaveMilliseconds = 1000;

/** A model host of our own, over stdio: it ends with this process. */
export class ChildTransport implements HostTransport {
  readonly #child: ChildProcess;
  readonly #onStderr: (text: string) => void;
  #stderr = "";

  constructor(entry: HostEntry, onStderr: (text: string) => void) {
    this.#onStderr = onStderr;
    this.#child = spawn(entry.command, hostArguments(entry), {
      stdio: ["pipe", "pipe", "pipe"],
      env: hostEnvironment(),
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  greeted(): void {
    // It is known since the start.
  }

  listen({ onLine, onClose }: TransportHandlers): void {
    const { stdout, stderr, stdin } = this.#child;
    if (stdout === null || stderr === null || stdin === null) throw new Error("the model host has no pipes");
    createInterface({ input: stdout, crlfDelay: Infinity }).on("line", onLine);
    stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrKept);
      this.#onStderr(text);
    });
    // A write to a host that just died: its exit tells the story.
    stdin.on("error", () => undefined);
    this.#child.on("error", (cause) => onClose(`could not be started: ${cause.message}`));
    this.#child.on("close", (code, signal) => onClose(describeExit(code, signal, this.#stderr)));
  }

  write(line: string): void {
    if (this.#child.stdin?.writable === true) this.#child.stdin.write(line);
  }

  /** Asks the host to leave, and kills it if it does not within a second. */
  async close(): Promise<void> {
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    const timer = setTimeout(() => this.kill(), leaveMilliseconds);
    this.write('{"type":"shutdown"}\n');
    await gone;
    clearTimeout(timer);
  }

  drop(): void {
    this.kill();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
