/** Receives each line without its delimiter: at most the bytes to keep of it, and its true length in bytes. */
export type OnLine = (bytes: Buffer, length: number) => void;

/**
 * Cuts a stream of chunks at a delimiter byte and keeps at most `keep` bytes a line, so that memory stays
 * small whatever the input. The bytes given to `onLine` are valid only during the call.
 */
export class LineSplitter {
  readonly #delimiter: number;
  readonly #keep: number;
  readonly #onLine: OnLine;
  #parts: Buffer[] = [];
  #kept = 0;
  #length = 0;

  constructor(delimiter: number, keep: number, onLine: OnLine) {
    this.#delimiter = delimiter;
    this.#keep = keep;
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(this.#delimiter); end !== -1; end = chunk.indexOf(this.#delimiter, start)) {
      this.#finish(chunk.subarray(start, end));
      start = end + 1;
    }
    this.#hold(chunk.subarray(start));
  }

  /** Gives out a last line that has no delimiter. */
  end(): void {
    if (this.#length > 0) this.#finish(Buffer.alloc(0));
  }

  #finish(rest: Buffer): void {
    const length = this.#length + rest.length;
    const room = rest.subarray(0, this.#keep - this.#kept);
    this.#onLine(this.#parts.length === 0 ? room : Buffer.concat([...this.#parts, room]), length);
    this.#parts = [];
    this.#kept = 0;
    this.#length = 0;
  }

  #hold(rest: Buffer): void {
    const room = rest.subarray(0, this.#keep - this.#kept);
    if (room.length > 0) this.#parts.push(Buffer.from(room));
    this.#kept += room.length;
    this.#length += rest.length;
  }
}
