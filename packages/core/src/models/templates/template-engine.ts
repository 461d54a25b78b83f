import { Worker } from "node:worker_threads";

import type { TemplateValues } from "../../dialects/index.ts";
import { TrustError } from "../../protocol/errors.ts";
import type { RenderedText, WorkerReply, WorkerRequest } from "./worker-messages.ts";

/** How to start the thread: its file, and what Node needs to run it. */
export interface TemplateWorkerEntry {
  path: string;
  execArgv: readonly string[];
}

/** llama.cpp's engine in a model host, for templates that ours cannot run. */
export type NativeRender = (
  template: string,
  values: readonly TemplateValues[],
  signal: AbortSignal,
) => Promise<readonly RenderedText[]>;

export interface TemplateEngineOptions {
  entry: TemplateWorkerEntry;
  native?: NativeRender;
  /** How long one batch may take. Default: 5. */
  seconds?: number;
}

const largestTemplate = 1 << 20;
const defaultSeconds = 5;
/** A template that writes without end runs into this, and only its thread dies. */
const resourceLimits = { maxOldGenerationSizeMb: 512, stackSizeMb: 4 };

interface Waiting {
  resolve: (texts: readonly RenderedText[]) => void;
  reject: (error: Error) => void;
}

/**
 * Runs chat templates in a thread of its own that can be ended at any time: they may be slow, endless or hostile,
 * and reach nothing there. The thread starts with the first template.
 */
export class TemplateEngine implements AsyncDisposable {
  readonly #options: TemplateEngineOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;

  constructor(options: TemplateEngineOptions) {
    this.#options = options;
  }

  /** What the template makes of each of the values. Throws MODEL_INVALID when it is too large or takes too long. */
  async render(
    template: string,
    values: readonly TemplateValues[],
    signal: AbortSignal,
  ): Promise<readonly RenderedText[]> {
    if (template.length > largestTemplate) throw unusable("is larger than 1 MB");
    const texts = await this.#inThread(template, values, signal);
    const { native } = this.#options;
    const failed = texts.flatMap((text, index) => ("failure" in text && !text.refused ? [index] : []));
    if (native === undefined || failed.length === 0) return texts;
    const again = await native(
      template,
      failed.map((index) => values[index] ?? {}),
      signal,
    );
    return texts.map((text, index) => again[failed.indexOf(index)] ?? text);
  }

  /** Starts the thread before it is needed. */
  start(): void {
    this.#running();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end(new TrustError("INTERRUPTED", "the template was interrupted"));
  }

  async #inThread(
    template: string,
    values: readonly TemplateValues[],
    signal: AbortSignal,
  ): Promise<readonly RenderedText[]> {
    signal.throwIfAborted();
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<readonly RenderedText[]>();
    this.#waiting.set(id, { resolve, reject });
    const request: WorkerRequest = { id, template, values };
    this.#running().postMessage(request);
    const { seconds = defaultSeconds } = this.#options;
    const timer = setTimeout(() => void this.#end(unusable(`took longer than ${seconds} seconds`)), seconds * 1000);
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#worker?.unref();
    }
  }

  #running(): Worker {
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    return worker;
  }

  #start(): Worker {
    const { path, execArgv } = this.#options.entry;
    const worker = new Worker(path, {
      execArgv: [...execArgv],
      env: {},
      stdin: true,
      stdout: true,
      stderr: true,
      resourceLimits,
    });
    worker.on("message", ({ id, texts }: WorkerReply) => this.#waiting.get(id)?.resolve(texts));
    worker.on("error", (cause) => void this.#end(unusable("needs too much memory", cause), worker));
    worker.on("exit", () => void this.#end(unusable("ended its thread"), worker));
    return worker;
  }

  /** Ends the thread and with it whatever it was doing; the next template gets a new one. */
  async #end(error: Error, worker = this.#worker): Promise<void> {
    if (worker === undefined || worker !== this.#worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    await worker.terminate();
  }
}

const unusable = (what: string, cause?: unknown): TrustError =>
  new TrustError("MODEL_INVALID", `the model's chat template ${what}`, {
    hint: "choose another model file, or one with a corrected chat template",
    cause,
  });
