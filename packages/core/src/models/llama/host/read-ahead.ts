import { closeSync, openSync, readSync, statSync } from "node:fs";
import { setImmediate, setTimeout } from "node:timers/promises";

const sliceBytes = 1 << 20;
const busyPauseMilliseconds = 200;
/** A larger share of the free memory would push out what others need. */
const shareOfFreeMemory = 0.7;

/**
 * Reads files into the page cache, one after the other, while nobody waits: a model that is asked for later loads from
 * memory. What cannot be read, or would not fit, is left: it will say so when it is loaded.
 */
export class ReadAhead {
  readonly #isBusy: () => boolean;
  readonly #freeBytes: () => number;
  readonly #known = new Set<string>();
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(isBusy: () => boolean, freeBytes: () => number) {
    this.#isBusy = isBusy;
    this.#freeBytes = freeBytes;
  }

  add(path: string): void {
    if (this.#known.has(path)) return;
    this.#known.add(path);
    this.#last = this.#last
      .then(() => this.#read(path))
      .catch(() => undefined)
      .finally(() => this.#known.delete(path));
  }

  /** Resolves when all is read. */
  settled(): Promise<void> {
    return this.#last;
  }

  close(): void {
    this.#isClosed = true;
  }

  async #read(path: string): Promise<void> {
    if (statSync(path).size > this.#freeBytes() * shareOfFreeMemory) return;
    const buffer = Buffer.allocUnsafe(sliceBytes);
    const file = openSync(path, "r");
    try {
      while (!this.#isClosed && readSync(file, buffer) > 0) {
        await (this.#isBusy() ? setTimeout(busyPauseMilliseconds) : setImmediate());
      }
    } finally {
      closeSync(file);
    }
  }
}
