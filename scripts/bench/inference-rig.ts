import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { readMachine } from "@trust-cli/core/hardware";
import { createFormatCache, createLlamaModel, type LlamaModel, type LlamaModelOptions } from "@trust-cli/core/models";
import { findLlamaTool, type LlamaTool } from "@trust-cli/core/models/quantize";
import type { ModelRequest } from "@trust-cli/core/ports";
import { realLlamaTools, scriptedGguf } from "@trust-cli/core/testing";

// As the program itself does.
enableCompileCache();

const root = join(import.meta.dirname, "..", "..");
const bundle = join(root, "packages", "cli", "dist", "bundle");
const folder = join(tmpdir(), "trust-bench-models");

/** Both sides compute with as many threads as there are cores. */
export const threads = readMachine().cores;
const contextSize = 8192;
export const rounds = 5;
/** Nothing is aborted but what a benchmark aborts itself. */
export const signal: AbortSignal = new AbortController().signal;

/**
 * What the bench models write, over and over, one token a piece: "long" repeats nothing within the replies that are
 * measured, "short" is a file that is written again and again.
 */
const pieceCounts = { long: 700, short: 80 };

const piecesOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => {
    const number = String(index).padStart(4, "0");
    return index % 4 === 3 ? `total${number});\n` : `  item${number}.price(`;
  });

const shape = { layers: 16, width: 1024, heads: 16, keyValueHeads: 4, feedForward: 2816, type: "q8_0" } as const;

/** About 260 MB at the real cost of computing, made once. */
export async function benchModel(script: "long" | "short" = "long"): Promise<string> {
  const path = join(folder, `${script}-2.gguf`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const temporary = `${path}.${process.pid}`;
  const options = { contextLength: contextSize, vocabularySize: 32_768, shape };
  await scriptedGguf(temporary, { replies: { first: piecesOf(pieceCounts[script]) }, loop: true, ...options });
  renameSync(temporary, path);
  return path;
}

const cache = createFormatCache(join(folder, "chat-templates"));
const hostFile = join(bundle, "host.js");

export type OursOptions = Partial<Pick<LlamaModelOptions, "plain" | "spec" | "priority">> & {
  path: string;
  entry?: Partial<LlamaModelOptions["entry"]>;
};

/** The bench model through Trust. */
export function ours({ path, spec, entry, ...more }: OursOptions): LlamaModel {
  return createLlamaModel({
    entry: { command: process.execPath, args: [hostFile], ...entry },
    spec: { contextSize, ...spec, path },
    id: "bench",
    templates: { entry: { path: join(bundle, "template-worker.js"), execArgv: [] }, cache },
    constrainedCalls: false,
    parallelCalls: false,
    ...more,
  });
}

export const ask = (text: string, maxTokens: number, system?: string): ModelRequest => ({
  messages: [...(system === undefined ? [] : [{ role: "system" as const, text: system }]), { role: "user", text }],
  tools: [],
  toolChoice: "none",
  maxTokens,
  sampling: { temperature: 0 },
});

export interface TimedReply {
  /** Milliseconds from the request to the first text. */
  first: number;
  /** Milliseconds from the start of the prompt's reading to its end. */
  reading: number;
  /** Milliseconds a token of the reply, by the host's clock, as llama.cpp's programs measure by theirs. */
  perToken: number;
  read: number;
  reused: number;
}

export async function timeReply(model: LlamaModel, request: ModelRequest): Promise<TimedReply> {
  const began = performance.now();
  let reading: { began: number; ended: number } | undefined;
  let first = 0;
  for await (const event of model.stream(request, signal)) {
    const now = performance.now();
    if (event.type === "prefill") reading = { began: reading?.began ?? now, ended: now };
    if (event.type === "text-delta" && first === 0) first = now;
    if (event.type !== "finish") continue;
    if (event.error !== undefined) throw new Error(event.error.message);
    const { promptTokens, reusedTokens } = event.usage;
    return {
      first: first - began,
      reading: reading === undefined ? 0 : reading.ended - reading.began,
      perToken: 1000 / (event.tokensPerSecond ?? Number.NaN),
      read: promptTokens - reusedTokens,
      reused: reusedTokens,
    };
  }
  throw new Error("the reply has no end");
}

const run = promisify(execFile);

/** llama.cpp's own programs that are not there to measure against. */
export const missingTools = (): LlamaTool[] =>
  (["llama-bench", "llama-server"] as const).filter((name) => findLlamaTool(name, realLlamaTools()) === undefined);

const tool = (name: LlamaTool): string => findLlamaTool(name, realLlamaTools()) ?? name;

/** Milliseconds a token of llama-bench: for a prompt of `read` tokens, or for `written` new ones. */
export async function llamaBench(
  path: string,
  what: { read: number } | { written: number },
  count = threads,
): Promise<number> {
  const [read, written] = "read" in what ? [what.read, 0] : [0, what.written];
  const sizes = ["-p", String(read), "-n", String(written), "-t", String(count), "-r", "1"];
  const { stdout } = await run(tool("llama-bench"), ["-m", path, ...sizes, "-o", "json"]);
  const [result] = JSON.parse(stdout) as { avg_ts: number }[];
  return 1000 / (result?.avg_ts ?? Number.NaN);
}

export interface LlamaServer extends AsyncDisposable {
  /** Milliseconds from the start of the process until it answered. */
  ready: number;
  /** Milliseconds a token of a reply, by its own clock. */
  perToken(text: string, maxTokens: number): Promise<number>;
  /** Milliseconds until the first token of a reply is there. */
  firstText(text: string): Promise<number>;
}

let nextPort = 18_080 + (process.pid % 1000);

/** llama.cpp's own server with one slot and the chat template of the model. */
export async function llamaServer(path: string, options: readonly string[] = []): Promise<LlamaServer> {
  const port = nextPort++;
  const url = `http://127.0.0.1:${port}`;
  const place = ["--host", "127.0.0.1", "--port", String(port), "--ctx-size", String(contextSize), "--offline"];
  const args = ["--model", path, ...place, "--parallel", "1", "--threads", String(threads), "--jinja", ...options];
  const began = performance.now();
  const child = spawn(tool("llama-server"), args, { stdio: "ignore" });
  await untilItAnswers(url, child);
  const ready = performance.now() - began;
  return {
    ready,
    perToken: async (text, maxTokens) => 1000 / (await chat(url, text, maxTokens)).predicted_per_second,
    async firstText(text) {
      const asked = performance.now();
      await chat(url, text, 1);
      return performance.now() - asked;
    },
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await gone;
    },
  };
}

/** How fast the server was with a reply, as it says. */
async function chat(url: string, text: string, maxTokens: number): Promise<{ predicted_per_second: number }> {
  const messages = [{ role: "user", content: text }];
  const body = JSON.stringify({ messages, max_tokens: maxTokens, temperature: 0 });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body });
  return ((await response.json()) as { timings: { predicted_per_second: number } }).timings;
}

async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const isUp = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("llama-server ended before it answered");
}

/** Keeps one core busy until it is disposed. */
export function busyCore(): Disposable {
  const child = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
  return { [Symbol.dispose]: () => void child.kill("SIGKILL") };
}
