import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import pty from "@lydell/node-pty";
import headless from "@xterm/headless";
import { buildSync } from "esbuild";

const repository = join(import.meta.dirname, "..", "..", "..", "..");

/** Bundles the scripted chat as the command line is bundled, and returns the file to run. */
export function bundleScriptedChat(): string {
  const cache = join(repository, "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const outdir = mkdtempSync(join(cache, "trust-chat-"));
  buildSync({
    entryPoints: { chat: join(import.meta.dirname, "fixtures", "scripted-chat.ts") },
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    conditions: ["@trust-cli/source"],
    jsx: "automatic",
    // Ink loads its developer tools only on demand, from a chunk of their own.
    external: ["react-devtools-core"],
    define: { "process.env.NODE_ENV": '"production"' },
    banner: {
      js: 'import { createRequire as outer } from "node:module"; const require = outer(import.meta.url);',
    },
    logLevel: "error",
  });
  return join(outdir, "chat.mjs");
}

export interface TerminalOptions {
  columns?: number;
  rows?: number;
  environment?: Record<string, string>;
}

/** A program in a real pseudo-terminal whose screen is kept by xterm. */
export class Terminal implements AsyncDisposable {
  readonly #process: pty.IPty;
  readonly #screen: headless.Terminal;
  raw = "";
  #exited = false;

  constructor(file: string, { columns = 80, rows = 24, environment = {} }: TerminalOptions = {}) {
    const { CI: _, NO_COLOR: __, ...inherited } = process.env;
    const env = { ...inherited, TERM: "xterm-256color", ...environment };
    this.#screen = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 20_000 });
    this.#process = pty.spawn(process.execPath, [file], { cols: columns, rows, env });
    this.#process.onData((data) => {
      this.raw += data;
      this.#screen.write(data);
    });
    this.#process.onExit(() => {
      this.#exited = true;
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  get exited(): boolean {
    return this.#exited;
  }

  write(text: string): void {
    this.#process.write(text);
  }

  async type(text: string): Promise<void> {
    for (const character of text) {
      this.write(character);
      await sleep(5);
    }
  }

  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows);
    this.#process.resize(columns, rows);
  }

  /** The visible lines, without empty ones at the end. */
  screen(): string {
    const { baseY } = this.#screen.buffer.active;
    return this.#lines(baseY);
  }

  /** Everything since the start, with what has scrolled away. */
  history(): string {
    return this.#lines(0);
  }

  async until(found: string | RegExp | (() => boolean), milliseconds = 20_000): Promise<void> {
    const isThere = (): boolean => {
      if (typeof found === "function") return found();
      return typeof found === "string" ? this.screen().includes(found) : found.test(this.screen());
    };
    const end = Date.now() + milliseconds;
    while (!isThere()) {
      if (Date.now() > end) throw new Error(`not on the screen: ${String(found)}\n${this.screen()}`);
      await sleep(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#exited) this.#process.kill("SIGKILL");
    while (!this.#exited) await sleep(10);
    this.#screen.dispose();
  }

  #lines(from: number): string {
    const buffer = this.#screen.buffer.active;
    const lines: string[] = [];
    for (let row = from; row < buffer.length; row += 1) lines.push(buffer.getLine(row)?.translateToString(true) ?? "");
    return lines.join("\n").trimEnd();
  }
}
