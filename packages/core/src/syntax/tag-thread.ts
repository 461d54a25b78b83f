import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

import type { FileTags } from "../protocol/code.ts";
import { parseUnknownJson } from "../protocol/json.ts";
import { partialTags } from "./partial-tags.ts";
import type { TagReply, TagRequest } from "./worker-messages.ts";

/** A file to be read: exactly one of its functions is called. */
export interface TagJob extends TagRequest {
  resolve: (tags: FileTags) => void;
  reject: (error: unknown) => void;
}

/** Reading and compiling the largest grammar on a busy machine; a file's own time begins after that. */
const grammarMilliseconds = 10_000;
const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 512, stackSizeMb: 4 };
/** A thread whose parser holds more after some large file is replaced. */
const mostMemory = 64 << 20;
/** Files that wait in the thread itself, so that it need not wait for a busy main thread. */
const depth = 4;

/** One thread that reads files in order. A file that takes too long, or ends the thread, costs only itself. */
export class TagThread {
  readonly #milliseconds: number;
  readonly #onFree: () => void;
  readonly #jobs: TagJob[] = [];
  readonly #loaded = new Set<string>();
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `onFree`: there is room for one more. */
  constructor(milliseconds: number, onFree: () => void) {
    this.#milliseconds = milliseconds;
    this.#onFree = onFree;
  }

  get waiting(): number {
    return this.#jobs.length;
  }

  get isFull(): boolean {
    return this.#jobs.length >= depth;
  }

  add(job: TagJob): void {
    this.#jobs.push(job);
    this.#post(job);
    if (this.#jobs.length === 1) this.#arm();
  }

  /** Rejects what it still has to read. */
  async end(reason: Error): Promise<void> {
    for (const job of this.#jobs.splice(0)) job.reject(reason);
    await this.#stop();
  }

  #post({ language, text }: TagJob): void {
    const request: TagRequest = { language, text };
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    worker.postMessage(request);
  }

  #start(): Worker {
    const worker = new Worker(workerPath(), {
      execArgv: [],
      env: {},
      stdin: true,
      stdout: true,
      stderr: true,
      resourceLimits,
    });
    worker.on("message", (reply: TagReply) => worker === this.#worker && this.#take(reply));
    worker.on("error", (error) => worker === this.#worker && this.#fail(error));
    worker.on("exit", () => worker === this.#worker && this.#fail(undefined));
    return worker;
  }

  #take(reply: TagReply): void {
    if (reply.type === "loaded") {
      this.#loaded.add(reply.language);
      return this.#arm();
    }
    const job = this.#jobs.shift();
    job?.resolve(parseUnknownJson(reply.tags, "the tags of a file") as FileTags);
    if (reply.memoryBytes > mostMemory) this.#renew();
    this.#arm();
    this.#onFree();
  }

  /** Gives the first file its time. */
  #arm(): void {
    clearTimeout(this.#timer);
    const [job] = this.#jobs;
    if (job === undefined) {
      this.#worker?.unref();
      return;
    }
    const allowed = this.#milliseconds + (this.#loaded.has(job.language) ? 0 : grammarMilliseconds);
    // An answer may lie unread where this thread was busy: it is taken before the check.
    const onTime = (): void => void setImmediate(() => job === this.#jobs[0] && this.#fail(undefined));
    this.#timer = setTimeout(onTime, allowed);
  }

  /** Gives up the first file and goes on with the others in a new thread. */
  #fail(error: unknown): void {
    const job = this.#jobs.shift();
    if (error === undefined || isOfTheFile(error)) job?.resolve(partialTags(job.language));
    else job?.reject(error);
    this.#renew();
    this.#arm();
    this.#onFree();
  }

  #renew(): void {
    void this.#stop();
    for (const waiting of this.#jobs) this.#post(waiting);
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#timer);
    const worker = this.#worker;
    this.#worker = undefined;
    this.#loaded.clear();
    await worker?.terminate();
  }
}

/** Whether a file is to blame for the end of a thread, which ran out of memory or stack, or failed in the parser. */
const isOfTheFile = (error: unknown): boolean =>
  error instanceof Error && (error.message.includes("memory") || /^(?:Range|Runtime)Error$/.test(error.name));

/** The thread's file: beside the bundle, beside this file when compiled, or the source itself. */
function workerPath(): string {
  const files = ["tag-worker.js", "worker.js"].map((name) => join(import.meta.dirname, name));
  return files.find((file) => existsSync(file)) ?? join(import.meta.dirname, "worker.ts");
}
