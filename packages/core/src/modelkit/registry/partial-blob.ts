import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { finished } from "node:stream/promises";

import { TrustError } from "../../protocol/errors.ts";
import type { Descriptor } from "../manifest.ts";
import type { Answer } from "./client.ts";

const writeSize = 2 ** 20;
/** Bytes that arrived and are not written yet; more make the registry wait. */
const mostWaiting = 8 * 2 ** 20;
const rereadSize = 2 ** 20;

/** A growing file and the hash of what is in it. */
export class PartialBlob {
  readonly #file: FileHandle;
  readonly #blob: Descriptor;
  #hash: Hash = createHash("sha256");
  #size = 0;
  #pending: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(file: FileHandle, blob: Descriptor) {
    this.#file = file;
    this.#blob = blob;
  }

  get size(): number {
    return this.#size;
  }

  digest(): string {
    return `sha256:${this.#hash.digest("hex")}`;
  }

  /** Hashes what an earlier process wrote; more than the whole is of no use. */
  async readAgain(signal: AbortSignal): Promise<number> {
    const { size } = await this.#file.stat();
    if (size > this.#blob.size) await this.startAnew();
    const buffer = Buffer.allocUnsafe(rereadSize);
    while (true) {
      signal.throwIfAborted();
      const { bytesRead } = await this.#file.read(buffer, 0, rereadSize, this.#size);
      if (bytesRead === 0) return this.#size;
      this.#hash.update(buffer.subarray(0, bytesRead));
      this.#size += bytesRead;
    }
  }

  async startAnew(): Promise<void> {
    await this.#file.truncate(0);
    this.#hash = createHash("sha256");
    this.#size = 0;
  }

  /** Hashes as bytes arrive, and writes many of them at once, in their order, while the next arrive. */
  async append({ body }: Answer, onBytes: () => void): Promise<void> {
    let chunks: Buffer[] = [];
    let gathered = 0;
    const flush = (): void => {
      const [batch, position] = [chunks, this.#size - gathered];
      this.#waiting += gathered;
      const count = gathered;
      chunks = [];
      gathered = 0;
      this.#pending = this.#pending.then(async () => {
        await writeAll(this.#file, batch, position);
        this.#waiting -= count;
        onBytes();
        if (body.isPaused() && this.#waiting < mostWaiting) body.resume();
      });
      this.#pending.catch((error: unknown) => body.destroy(error as Error));
      if (this.#waiting >= mostWaiting) body.pause();
    };
    // Events cost half of what iterating over the body does.
    body.on("data", (chunk: Buffer) => {
      if (this.#size + chunk.length > this.#blob.size) {
        body.destroy(this.#tooLong());
        return;
      }
      this.#hash.update(chunk);
      this.#size += chunk.length;
      chunks.push(chunk);
      gathered += chunk.length;
      if (gathered >= writeSize) flush();
    });
    try {
      await finished(body, { writable: false });
    } finally {
      if (gathered > 0) flush();
      await this.#pending;
    }
  }

  /** Waits until what counts in `size` is in the file. */
  async settle(): Promise<void> {
    await this.#pending;
  }

  #tooLong(): TrustError {
    const { digest, size } = this.#blob;
    return new TrustError("KIT_CORRUPT", `the registry sends more than the ${size} bytes of ${digest}`);
  }
}

async function writeAll(file: FileHandle, chunks: readonly Buffer[], position: number): Promise<void> {
  const { bytesWritten } = await file.writev(chunks, position);
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (bytesWritten === size) return;
  // The disk is full, or the system writes less at once; one more try tells.
  const rest = Buffer.concat(chunks).subarray(bytesWritten);
  await writeAll(file, [rest], position + bytesWritten);
}
