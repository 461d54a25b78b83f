import { availableParallelism } from "node:os";

import type { FileTags } from "../protocol/code.ts";
import { TrustError } from "../protocol/errors.ts";
import { languageOf } from "./languages.ts";
import { partialTags } from "./partial-tags.ts";
import { type TagJob, TagThread } from "./tag-thread.ts";

/** Says what is in files of code: definitions, names used, imports, parse errors. */
export interface TagReader extends AsyncDisposable {
  /**
   * Undefined: no grammar for it. A file that is larger than 1 MB or takes too long gives partial tags;
   * nothing that is in a file makes this reject.
   */
  read(path: string, text: string, signal?: AbortSignal): Promise<FileTags | undefined>;
}

export interface TagReaderOptions {
  /** Default: 2, on one core 1. */
  threads?: number;
  /** What one file may take. Default: 1000. */
  milliseconds?: number;
}

const mostThreads = 2;
const defaultMilliseconds = 1000;
const largestFile = 1_000_000;

/** Threads start with the first file, load each grammar when they first need it, and keep no process alive. */
export const createTagReader = (options: TagReaderOptions = {}): TagReader => new ThreadedTagReader(options);

class ThreadedTagReader implements TagReader {
  readonly #threads: TagThread[];
  readonly #queue: TagJob[] = [];
  #isDisposed = false;

  constructor({ threads, milliseconds = defaultMilliseconds }: TagReaderOptions) {
    const length = threads ?? Math.min(mostThreads, availableParallelism());
    this.#threads = Array.from({ length }, () => new TagThread(milliseconds, () => this.#advance()));
  }

  async read(path: string, text: string, signal?: AbortSignal): Promise<FileTags | undefined> {
    signal?.throwIfAborted();
    const language = languageIn(path, text);
    if (language === undefined) return undefined;
    if (this.#isDisposed) throw ended();
    if (text.length > largestFile) return partialTags(language);
    const { promise, resolve, reject } = Promise.withResolvers<FileTags>();
    const job: TagJob = { language, text, resolve, reject };
    const onAbort = (): void => {
      const at = this.#queue.indexOf(job);
      if (at >= 0) this.#queue.splice(at, 1);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#queue.push(job);
    this.#advance();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    for (const job of this.#queue.splice(0)) job.reject(ended());
    await Promise.all(this.#threads.map((thread) => thread.end(ended())));
  }

  #advance(): void {
    while (this.#queue.length > 0) {
      const free = this.#threads.filter((thread) => !thread.isFull);
      const [least] = free.toSorted((one, other) => one.waiting - other.waiting);
      const job = least === undefined ? undefined : this.#queue.shift();
      if (least === undefined || job === undefined) return;
      least.add(job);
    }
  }
}

const ended = (): TrustError => new TrustError("INTERRUPTED", "reading of code was ended");

/** Headers are C unless they hold what only C++ has. */
function languageIn(path: string, text: string): string | undefined {
  const lineEnd = text.indexOf("\n");
  const language = languageOf(path, text.slice(0, lineEnd < 0 ? 200 : Math.min(lineEnd, 200)));
  const isHeader = language === "c" && /\.h$/i.test(path);
  return isHeader && /^\s*(?:class|namespace|template|using)\b/m.test(text) ? "cpp" : language;
}
