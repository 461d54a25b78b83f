import { createHash } from "node:crypto";

import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { fileError } from "./file-errors.ts";
import { openFile } from "./open-file.ts";
import type { ResolvedPath } from "./workspace.ts";

/** A whole text file. `text` is as on disk, line endings included, but without the byte order mark. */
export interface TextFile {
  text: string;
  /** SHA-256 of the bytes, hexadecimal. */
  version: string;
  /** The ending of most lines; what new lines get. */
  lineEnding: "\n" | "\r\n";
  bom: boolean;
  endsWithNewline: boolean;
  /** In bytes. */
  size: number;
  /** False when bytes that are not UTF-8 were replaced in `text`: writing it back would lose them. */
  isLossless: boolean;
  /** Permission bits. */
  mode: number;
}

const sniffedBytes = 8192;

/** Fails for a missing file, a directory, a binary file and one of more than `maxBytes`. */
export async function readTextFile(target: ResolvedPath, limits: { maxBytes: number }): Promise<Result<TextFile>> {
  try {
    await using handle = await openFile(target);
    const { size, mode } = await handle.stat();
    if (size > limits.maxBytes) return failure(tooLarge(target.name, size, limits.maxBytes));
    const bytes = await handle.readFile();
    if (utf16Of(bytes) !== undefined) return failure(utf16Text(target.name));
    if (isBinary(bytes)) return failure(binaryFile(target.name, bytes.length));
    return ok({ ...decode(bytes), mode: mode & 0o7777 });
  } catch (error) {
    return failure(fileError(error, target.name, "read"));
  }
}

/** The bytes of a text for a file, with the byte order mark if the file has one. */
export function encodeText(text: string, bom: boolean): Buffer {
  return Buffer.from(bom ? `\uFEFF${text}` : text, "utf8");
}

export const versionOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

export const isBinary = (start: Buffer): boolean => start.subarray(0, sniffedBytes).includes(0);

/** By its byte order mark, which is not that of UTF-32. */
export function utf16Of(start: Buffer): "utf-16le" | "utf-16be" | undefined {
  if (start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  const isWide = start.length >= 4 && start[2] === 0 && start[3] === 0;
  return start[0] === 0xff && start[1] === 0xfe && !isWide ? "utf-16le" : undefined;
}

/** Fails for a binary file, of which only the start is read. */
export async function confirmText(target: ResolvedPath): Promise<Result<void>> {
  try {
    await using handle = await openFile(target);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
    const start = buffer.subarray(0, bytesRead);
    if (utf16Of(start) !== undefined || !isBinary(start)) return ok(undefined);
    return failure(binaryFile(target.name, (await handle.stat()).size));
  } catch (error) {
    return failure(fileError(error, target.name, "read"));
  }
}

function utf16Text(name: string): TrustError {
  return new TrustError("FILE_FAILED", `${name} is UTF-16 text, which can be read but not changed`, {
    hint: "Convert it first, by a command such as iconv -f UTF-16 -t UTF-8",
  });
}

export function binaryFile(name: string, size: number): TrustError {
  return new TrustError("FILE_FAILED", `${name} is a binary file of ${size} bytes; only text can be read`);
}

function tooLarge(name: string, size: number, maxBytes: number): TrustError {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const message = `${name} is too large to change: ${megabytes(size)}, the limit is ${megabytes(maxBytes)}`;
  return new TrustError("FILE_FAILED", message, { hint: "Change it with a command instead: run_command" });
}

function decode(bytes: Buffer): Omit<TextFile, "mode"> {
  const whole = bytes.toString("utf8");
  const isLossless = Buffer.from(whole, "utf8").equals(bytes);
  const bom = whole.startsWith("\uFEFF");
  const text = bom ? whole.slice(1) : whole;
  return {
    text,
    version: versionOf(bytes),
    lineEnding: commonLineEnding(text),
    bom,
    endsWithNewline: text.endsWith("\n"),
    size: bytes.length,
    isLossless,
  };
}

function commonLineEnding(text: string): TextFile["lineEnding"] {
  const all = text.split("\n").length - 1;
  const windows = text.split("\r\n").length - 1;
  return windows * 2 > all ? "\r\n" : "\n";
}
