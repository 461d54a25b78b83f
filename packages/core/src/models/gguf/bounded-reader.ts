import { readSync } from "node:fs";

import { TrustError } from "../../protocol/errors.ts";

const chunkSize = 1 << 20;

/** All texts of a header together; the largest real ones, vocabulary and all, stay below 16 MiB. */
const mostText = 64 * 1024 * 1024;

/** The file says something that cannot be true. */
export class BrokenGguf extends Error {}

/**
 * Reads little-endian values from the front of a file through one buffer. Never trusts a length: each is
 * checked against what is left in the file before a byte is allocated for it.
 */
export class BoundedReader {
  readonly #file: number;
  readonly size: number;
  #buffer = Buffer.alloc(0);
  #start = 0;
  #position = 0;
  #textLeft = mostText;

  constructor(file: number, size: number) {
    this.#file = file;
    this.size = size;
  }

  get position(): number {
    return this.#position;
  }

  get left(): number {
    return this.size - this.#position;
  }

  bytes(length: number): Buffer {
    if (length > this.left) throw new BrokenGguf(`it ends in the middle of its header, at byte ${this.size}`);
    const offset = this.#position - this.#start;
    if (offset + length > this.#buffer.length) this.#fill(length);
    const from = this.#position - this.#start;
    this.#position += length;
    return this.#buffer.subarray(from, from + length);
  }

  skip(length: number): void {
    if (length > this.left) throw new BrokenGguf(`it ends in the middle of its header, at byte ${this.size}`);
    this.#position += length;
    if (this.#position > this.#start + this.#buffer.length) this.#buffer = Buffer.alloc(0);
    if (this.#buffer.length === 0) this.#start = this.#position;
  }

  u32(): number {
    return this.bytes(4).readUInt32LE();
  }

  /** A 64-bit count or offset; one beyond what the file could hold is a lie. */
  size64(what: string): number {
    const value = this.bytes(8).readBigUInt64LE();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new BrokenGguf(`its ${what} is impossible (${value})`);
    return Number(value);
  }

  string(what: string): string {
    return this.textBytes(what).toString("utf8");
  }

  /** The bytes of a text, which may be no UTF-8. They hold until the next read. */
  textBytes(what: string): Buffer {
    const length = this.size64(`length of ${what}`);
    if (length > this.left) throw new BrokenGguf(`its ${what} claims ${length} bytes, but only ${this.left} are left`);
    if (length > this.#textLeft)
      throw new BrokenGguf(`its header holds more than ${mostText / 1024 / 1024} MiB of text`);
    this.#textLeft -= length;
    return this.bytes(length);
  }

  #fill(length: number): void {
    const wanted = Math.min(Math.max(length, chunkSize), this.left);
    const buffer = Buffer.alloc(wanted);
    const bytesRead = readSync(this.#file, buffer, 0, wanted, this.#position);
    if (bytesRead < length) {
      throw new TrustError("MODEL_INVALID", "the model file became shorter while it was read");
    }
    this.#buffer = buffer.subarray(0, bytesRead);
    this.#start = this.#position;
  }
}
