import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { setImmediate as afterIo } from "node:timers/promises";

import { storeError } from "./store/files.ts";

const onlyTheOwner = 0o600;

/**
 * Writes a new file and computes its digest on the way. Writing and hashing a chunk go on while the caller gets the
 * next one; the caller may use the chunk's memory again after the next `write` returned.
 */
export class BlobWriter implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #hash = createHash("sha256");
  #pending: Promise<unknown> = Promise.resolve();
  #size = 0;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(path: string): Promise<BlobWriter> {
    try {
      return new BlobWriter(path, await open(path, "wx", onlyTheOwner));
    } catch (cause) {
      throw storeError(path, cause);
    }
  }

  async write(chunk: Buffer): Promise<void> {
    await this.#settle();
    const written = writeFully(this.#file, chunk, this.#size);
    // After the next read was started: it runs in another thread while this one hashes.
    const hashed = afterIo().then(() => this.#hash.update(chunk));
    this.#size += chunk.length;
    this.#pending = Promise.all([written, hashed]);
    this.#pending.catch(() => undefined);
  }

  async finish(): Promise<{ digest: string; size: number }> {
    await this.#settle();
    return { digest: `sha256:${this.#hash.digest("hex")}`, size: this.#size };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pending.catch(() => undefined);
    await this.#file.close();
  }

  async #settle(): Promise<void> {
    try {
      await this.#pending;
    } catch (cause) {
      throw storeError(this.#path, cause);
    }
  }
}

/** The system may write less than asked. */
async function writeFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
