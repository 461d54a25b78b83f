import { TrustError } from "../../protocol/errors.ts";
import { quoted } from "../quoted.ts";
import { blockSize, padding, type TarEntry } from "./header.ts";

/** What comes out of an archive, in its order: an entry, then the bytes of its file, then its end. */
export type TarEvent = { type: "entry"; entry: TarEntry } | { type: "data"; bytes: Buffer } | { type: "end" };

const largestExtension = 64 * 1024;

/**
 * Reads an archive piece by piece and trusts nothing in it. Only files and folders pass; links, devices and
 * anything else are KIT_INVALID. Bytes of events are parts of the pieces that were given.
 */
export class TarReader {
  readonly #layer: string;
  #block: Buffer = Buffer.alloc(0);
  #left = 0;
  #padding = 0;
  #extension: Buffer[] | undefined;
  #pax: Record<string, string> = {};
  #emptyBlocks = 0;

  constructor(layer: string) {
    this.#layer = layer;
  }

  *push(piece: Buffer): Generator<TarEvent> {
    for (let rest = piece; rest.length > 0;) {
      if (this.#left > 0) {
        const bytes = rest.subarray(0, this.#left);
        rest = rest.subarray(bytes.length);
        this.#left -= bytes.length;
        yield* this.#content(bytes);
      } else if (this.#padding > 0) {
        const skipped = Math.min(this.#padding, rest.length);
        this.#padding -= skipped;
        rest = rest.subarray(skipped);
      } else {
        const part = rest.subarray(0, blockSize - this.#block.length);
        rest = rest.subarray(part.length);
        this.#block = this.#block.length === 0 ? part : Buffer.concat([this.#block, part]);
        if (this.#block.length === blockSize) yield* this.#header();
      }
    }
    // What stays for the next piece must not change with the caller's buffer.
    this.#block = Buffer.from(this.#block);
  }

  /** Throws when the archive stopped in the middle. */
  finish(): void {
    const isBetween =
      this.#left === 0 && this.#padding === 0 && this.#block.length === 0 && this.#extension === undefined;
    if (!isBetween || this.#emptyBlocks < 2) throw this.#invalid("it ends in the middle");
  }

  *#content(bytes: Buffer): Generator<TarEvent> {
    if (this.#extension === undefined) {
      yield { type: "data", bytes };
      if (this.#left === 0) yield { type: "end" };
      return;
    }
    this.#extension.push(Buffer.from(bytes));
    if (this.#left > 0) return;
    this.#pax = this.#records(Buffer.concat(this.#extension));
    this.#extension = undefined;
  }

  *#header(): Generator<TarEvent> {
    const block = this.#block;
    this.#block = Buffer.alloc(0);
    if (block.every((byte) => byte === 0)) {
      this.#emptyBlocks++;
      return;
    }
    if (this.#emptyBlocks > 0) throw this.#invalid("something follows its end");
    this.#checkSum(block);
    const type = String.fromCharCode(block[156] ?? 0);
    const size = this.#number(block, 124, 12);
    if (type === "x") {
      if (size > largestExtension) throw this.#invalid("an extended header is too large");
      this.#expect(size);
      this.#extension = [];
      return;
    }
    yield* this.#entry(block, type, size);
  }

  *#entry(block: Buffer, type: string, ustarSize: number): Generator<TarEvent> {
    const pax = this.#pax;
    this.#pax = {};
    const name = pax["path"] ?? joinName(field(block, 345, 155), field(block, 0, 100));
    const isFolder = type === "5";
    if (!isFolder && type !== "0" && type !== "\0") throw this.#invalid(`${quoted(name)} is ${kindOf(type)}`);
    const size = pax["size"] === undefined ? ustarSize : wholeNumber(pax["size"]);
    const isPossible = Number.isSafeInteger(size) && size >= 0 && (!isFolder || size === 0);
    if (!isPossible) throw this.#invalid(`${quoted(name)} has an impossible size`);
    this.#expect(size);
    const mode = this.#number(block, 100, 8) & 0o777;
    yield { type: "entry", entry: { name: name.replace(/\/+$/, ""), mode, size, isFolder } };
    if (!isFolder && size === 0) yield { type: "end" };
  }

  #expect(size: number): void {
    this.#left = size;
    this.#padding = padding(size);
  }

  #records(data: Buffer): Record<string, string> {
    const records: Record<string, string> = {};
    for (let at = 0; at < data.length;) {
      const space = data.indexOf(" ", at);
      const length = wholeNumber(data.toString("latin1", at, space));
      const record = data.subarray(space + 1, at + length).toString("utf8");
      const equals = record.indexOf("=");
      const isWhole = space > at && Number.isInteger(length) && at + length <= data.length && record.endsWith("\n");
      if (!isWhole || equals < 1) throw this.#invalid("an extended header is broken");
      records[record.slice(0, equals)] = record.slice(equals + 1, -1);
      at += length;
    }
    return records;
  }

  #number(block: Buffer, at: number, length: number): number {
    const text = field(block, at, length).trim();
    if (text === "") return 0;
    if (!/^[0-7]+$/.test(text)) throw this.#invalid("a header holds what is not a number");
    return Number.parseInt(text, 8);
  }

  #checkSum(block: Buffer): void {
    const told = this.#number(block, 148, 8);
    const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
    if (told !== sum) throw this.#invalid("a header has a wrong checksum");
  }

  #invalid(why: string): TrustError {
    return new TrustError("KIT_INVALID", `layer ${this.#layer} is no archive that is safe to unpack: ${why}`);
  }
}

/** NaN for anything but digits. */
const wholeNumber = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Number.NaN);

function field(block: Buffer, at: number, length: number): string {
  const bytes = block.subarray(at, at + length);
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end === -1 ? length : end).toString("utf8");
}

const joinName = (prefix: string, name: string): string => (prefix === "" ? name : `${prefix}/${name}`);

const kinds: Readonly<Record<string, string>> = {
  "1": "a hard link",
  "2": "a symbolic link",
  "3": "a device",
  "4": "a device",
  "6": "a pipe",
};

const kindOf = (type: string): string => kinds[type] ?? `an entry of type ${JSON.stringify(type)}`;
