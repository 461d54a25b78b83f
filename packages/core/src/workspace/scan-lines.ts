import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { fileError } from "./file-errors.ts";
import { LineSplitter } from "./line-splitter.ts";
import { openFile } from "./open-file.ts";
import { binaryFile, isBinary, utf16Of } from "./text-file.ts";
import type { ResolvedPath } from "./workspace.ts";

/** Which lines to keep: `from` counts from 1, `to` is included. A line is cut after `maxColumns` characters. */
export interface LineRange {
  from: number;
  to: number;
  maxLines: number;
  /** Bytes of text to keep in all; the first line is always kept. */
  maxBytes: number;
  maxColumns: number;
  /** Of a file with more bytes no more is read than the range. */
  wholeBytes: number;
}

export interface ScannedLines {
  lines: string[];
  /** Lines in the whole file; undefined when not all of it was read. */
  total: number | undefined;
  /** SHA-256 of all bytes, hexadecimal; undefined when not all of them were read. */
  version: string | undefined;
}

const chunkBytes = 262_144;
const newline = 10;
const bytesPerCharacter = 4;

/**
 * Reads a range of lines in one pass over the file, whose size does not matter: only the range is kept.
 * UTF-16 with a byte order mark is decoded, other bytes that are not UTF-8 are replaced. Fails for a missing, binary or unreadable file and after an abort.
 */
export async function scanLines(
  target: ResolvedPath,
  range: LineRange,
  signal: AbortSignal,
): Promise<Result<ScannedLines>> {
  try {
    await using handle = await openFile(target);
    return await scan(handle, target, range, signal);
  } catch (error) {
    return failure(fileError(error, target.name, "read"));
  }
}

async function scan(
  handle: FileHandle,
  target: ResolvedPath,
  range: LineRange,
  signal: AbortSignal,
): Promise<Result<ScannedLines>> {
  const hash = createHash("sha256");
  const kept = new KeptLines(range);
  const splitter = new LineSplitter(newline, range.maxColumns * bytesPerCharacter, (bytes) => kept.add(bytes));
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const fileSize = (await handle.stat()).size;
  let decode = (chunk: Buffer): Buffer => chunk;
  for (let size = 0; ;) {
    if (signal.aborted) return failure(new TrustError("INTERRUPTED", "interrupted by the person"));
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes);
    const chunk = buffer.subarray(0, bytesRead);
    if (size === 0) {
      const wide = wideDecoder(chunk);
      if (wide === undefined && isBinary(chunk)) return failure(binaryFile(target.name, fileSize));
      decode = wide ?? decode;
    }
    if (bytesRead === 0) break;
    size += bytesRead;
    hash.update(chunk);
    splitter.push(decode(chunk));
    if (fileSize > range.wholeBytes && kept.isFull)
      return ok({ lines: kept.lines, total: undefined, version: undefined });
  }
  splitter.end();
  return ok({ lines: kept.lines, total: kept.total, version: hash.digest("hex") });
}

/** From UTF-16 to UTF-8; undefined for what is no UTF-16. */
function wideDecoder(start: Buffer): ((chunk: Buffer) => Buffer) | undefined {
  const encoding = utf16Of(start);
  if (encoding === undefined) return undefined;
  const decoder = new TextDecoder(encoding);
  return (chunk) => Buffer.from(decoder.decode(chunk, { stream: true }));
}

class KeptLines {
  readonly lines: string[] = [];
  total = 0;
  /** No later line belongs to the range, or has room. */
  isFull = false;
  readonly #range: LineRange;
  #bytes = 0;

  constructor(range: LineRange) {
    this.#range = range;
  }

  add(bytes: Buffer): void {
    this.total += 1;
    const { from, to, maxLines, maxBytes, maxColumns } = this.#range;
    if (this.total < from) return;
    this.#bytes += bytes.length;
    this.isFull ||= this.total > to || this.lines.length === maxLines;
    this.isFull ||= this.lines.length > 0 && this.#bytes > maxBytes;
    if (this.isFull) return;
    const line = bytes.toString("utf8").replace(/\r$/, "");
    this.lines.push(cutLine(this.total === 1 ? line.replace(/^\uFEFF/, "") : line, maxColumns));
  }
}

/** Cuts a line after `maxColumns` characters and says so. */
export function cutLine(line: string, maxColumns: number): string {
  if (line.length <= maxColumns) return line;
  const end = /[\uD800-\uDBFF]/.test(line.charAt(maxColumns - 1)) ? maxColumns - 1 : maxColumns;
  return `${line.slice(0, end)} [line cut]`;
}
