import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { AsyncQueue } from "../../protocol/async-queue.ts";
import { TrustError } from "../../protocol/errors.ts";
import { HostReply, hostProtocolVersion, type HostRequest } from "../../protocol/host.ts";
import { parseJson } from "../../protocol/json.ts";

/** How to start a model host: `command` with `args`, in an environment of its own. */
export interface HostEntry {
  command: string;
  args: readonly string[];
  backendsDirectory?: string;
}

/** A reply that belongs to a request. */
export type RequestReply = Extract<HostReply, { request: number }>;
type RequestBody =
  Extract<HostRequest, { request: number }> extends infer R
    ? R extends { type: "cancel" }
      ? never
      : R extends { request: number }
        ? Omit<R, "request">
        : never
    : never;

const beatMilliseconds = 1000;
const stderrKept = 4000;
/** A dying host may leave half a line; one that lives on after a line that is not ours speaks something else. */
const foreignGraceMilliseconds = 250;

/** The replies that end a request. */
const lastReplies: ReadonlySet<HostReply["type"]> = new Set([
  "loaded",
  "counted",
  "rendered",
  "accepted",
  "end",
  "failed",
]);

/** node-llama-cpp takes settings from these and throws at a value it does not know, such as an empty CI. */
const foreignSetting = /^(CI|TRUST_BACKENDS|(npm_config_)?node_llama_cpp_.*)$/i;

const hostEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreignSetting.test(name)));

/**
 * One running model host over stdio. A crash is noticed by its exit or by `missedBeats` seconds without
 * any message; then every open request fails with HOST_CRASHED and `crashed` holds the reason in a sentence.
 */
export class HostConnection {
  readonly #child: ChildProcess;
  readonly #open = new Map<number, AsyncQueue<RequestReply>>();
  readonly #watch: NodeJS.Timeout;
  #nextRequest = 1;
  #stderr = "";
  #missed = 0;
  #foreign: NodeJS.Timeout | undefined;
  #crash: TrustError | undefined;
  #closing = false;

  constructor(entry: HostEntry, missedBeats = 15, onStderr: (text: string) => void = () => undefined) {
    this.#child = spawn(entry.command, entry.args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        ...hostEnvironment(),
        // Decoding hops between libuv's threads otherwise, at half the speed.
        UV_THREADPOOL_SIZE: "1",
        ...(entry.backendsDirectory === undefined ? {} : { TRUST_BACKENDS: entry.backendsDirectory }),
      },
    });
    this.#listen(onStderr);
    this.#watch = setInterval(() => this.#tick(missedBeats), beatMilliseconds);
    this.#watch.unref();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get crashed(): TrustError | undefined {
    return this.#crash;
  }

  /** Sends a request and yields its replies up to the last; `failed` it throws. */
  async *request(body: RequestBody, signal: AbortSignal): AsyncGenerator<RequestReply, void, void> {
    if (this.#crash !== undefined) throw this.#crash;
    const request = this.#nextRequest++;
    const replies = new AsyncQueue<RequestReply>();
    this.#open.set(request, replies);
    const cancel = (): void => this.#write({ type: "cancel", request });
    signal.addEventListener("abort", cancel, { once: true });
    try {
      this.#write({ ...body, request });
      if (signal.aborted) cancel();
      for await (const reply of replies) {
        if (reply.type === "failed") throw hostError(reply);
        yield reply;
      }
    } finally {
      signal.removeEventListener("abort", cancel);
      if (this.#open.delete(request)) cancel();
    }
  }

  /** Asks the host to leave, and kills it if it does not within a second. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#stopWatching();
    this.#crash ??= new TrustError("HOST_CRASHED", "The model host was closed");
    this.#failOpen(this.#crash);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), 1000);
    this.#write({ type: "shutdown" });
    await gone;
    clearTimeout(kill);
  }

  #listen(onStderr: (text: string) => void): void {
    const { stdout, stderr, stdin } = this.#child;
    if (stdout === null || stderr === null || stdin === null) throw new Error("the model host has no pipes");
    createInterface({ input: stdout, crlfDelay: Infinity }).on("line", (line) => this.#receive(line));
    stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrKept);
      onStderr(text);
    });
    // A write to a host that just died: its exit tells the story.
    stdin.on("error", () => undefined);
    this.#child.on("error", (cause) => this.#fail(hostCrash(`could not be started: ${cause.message}`)));
    this.#child.on("close", (code, signal) => this.#fail(hostCrash(describeExit(code, signal, this.#stderr))));
    this.#write({ type: "hello", protocol: hostProtocolVersion });
  }

  #receive(line: string): void {
    this.#missed = 0;
    // Native code may print on its own; only our own lines begin with a brace.
    if (!line.startsWith("{")) return;
    const reply = readReply(line);
    if (reply === undefined) this.#doubt();
    else if ("request" in reply) this.#answer(reply);
    else if (reply.type === "hello" && reply.protocol !== hostProtocolVersion) this.#kill(mismatch(reply.protocol));
  }

  #doubt(): void {
    if (this.#crash !== undefined) return;
    this.#foreign ??= setTimeout(() => this.#kill(notOurs()), foreignGraceMilliseconds);
  }

  #answer(reply: RequestReply): void {
    const queue = this.#open.get(reply.request);
    queue?.push(reply);
    if (lastReplies.has(reply.type)) {
      this.#open.delete(reply.request);
      queue?.end();
    }
  }

  #write(request: HostRequest): void {
    if (this.#child.stdin?.writable === true) this.#child.stdin.write(`${JSON.stringify(request)}\n`);
  }

  #tick(missedBeats: number): void {
    this.#missed++;
    if (this.#missed < missedBeats) return;
    this.#kill(hostCrash(`did not answer for ${missedBeats} seconds`));
  }

  #kill(why: TrustError): void {
    this.#fail(why);
    this.#child.kill("SIGKILL");
  }

  #fail(why: TrustError): void {
    if (this.#crash !== undefined || this.#closing) return;
    this.#stopWatching();
    this.#crash = why;
    this.#failOpen(why);
  }

  #stopWatching(): void {
    clearInterval(this.#watch);
    clearTimeout(this.#foreign);
  }

  #failOpen(error: TrustError): void {
    for (const queue of this.#open.values()) queue.fail(error);
    this.#open.clear();
  }
}

/** The reply in a line; undefined when the line is torn or none of ours. */
function readReply(line: string): HostReply | undefined {
  try {
    return parseJson(line, HostReply, "model host", "HOST_CRASHED");
  } catch (error) {
    if (error instanceof TrustError) return undefined;
    throw error;
  }
}

/** What ended a model host, as the rest of a sentence about it. */
function hostCrash(reason: string): TrustError {
  return new TrustError("HOST_CRASHED", `The model host ${reason}`, { hint: "trust doctor" });
}

const notOurs = (): TrustError => hostCrash("sent what is not its protocol");

function mismatch(protocol: number): TrustError {
  return new TrustError(
    "HOST_MISSING",
    `The model host speaks protocol ${protocol}, but this program needs protocol ${hostProtocolVersion}`,
    { hint: "npm run build" },
  );
}

function hostError(reply: Extract<RequestReply, { type: "failed" }>): TrustError {
  const { code, message, hint } = reply.error;
  return new TrustError(code, message, { hint });
}

function describeExit(code: number | null, signal: NodeJS.Signals | null, stderr: string): string {
  if (signal === "SIGKILL") return "was killed, perhaps because memory ran out";
  if (signal !== null) return `crashed in llama.cpp (${signal})`;
  const lines = stderr.trim().split("\n");
  // Node ends its report of an exception with its own version.
  const said = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
  return said === "" ? `stopped with status ${code}` : `stopped with status ${code}: ${said}`;
}
