import { hash } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync, type Stats } from "node:fs";
import { join } from "node:path";

import { utf16Of } from "../workspace/text-file.ts";
import { isGeneratedText } from "./file-rules.ts";

/** What tells an unchanged file from a changed one without reading it. Times are milliseconds with fractions. */
export interface FileStamp {
  size: number;
  modified: number;
  changed: number;
  inode: number;
}

/** `text`: to be indexed; the others are remembered only so that they are not read again. */
export type Content = "text" | "binary" | "generated" | "large";

export interface Source {
  path: string;
  stamp: FileStamp;
  content: Content;
  /** SHA-256 of the bytes, hexadecimal; empty for a large file. */
  digest: string;
  /** Empty unless it is text, in UTF-8 or, told by its first bytes, in UTF-16. What is no such text is replaced. */
  text: string;
}

const mostBytes = 1_000_000;
const sniffedBytes = 8192;
/** A file that changed so shortly before it was read may change again without a new time: the coarsest clocks of file systems. */
const unsettledMilliseconds = 2000;

/** Undefined when there is no regular file: it went, or a folder or a link took its place. */
export function stampOf(root: string, path: string): FileStamp | undefined {
  try {
    const stats = lstatSync(join(root, path), { throwIfNoEntry: false });
    return stats?.isFile() === true ? stamp(stats) : undefined;
  } catch {
    return undefined;
  }
}

export const isSameStamp = (a: FileStamp, b: FileStamp): boolean =>
  a.size === b.size && a.modified === b.modified && a.changed === b.changed && a.inode === b.inode;

/**
 * A file below `root`, which must be a real path. Undefined when it cannot be read, is no regular file, or is
 * reached through a link: nothing outside of the root is ever read.
 */
export function readSource(root: string, path: string): Source | undefined {
  const file = join(root, path);
  let descriptor: number | undefined;
  try {
    // Non-blocking: a pipe that took the file's place must not make this wait for its other end.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || realpathSync.native(file) !== file) return undefined;
    return sourceOf(path, settled(stamp(stats)), descriptor);
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function sourceOf(path: string, fileStamp: FileStamp, descriptor: number): Source {
  const nothing = { path, stamp: fileStamp, digest: "", text: "" };
  if (fileStamp.size > mostBytes) return { ...nothing, content: "large" };
  const bytes = readAll(descriptor, fileStamp.size);
  const digest = hash("sha256", bytes, "hex");
  const utf16 = utf16Of(bytes);
  const isBinary = utf16 === undefined && bytes.subarray(0, sniffedBytes).includes(0);
  if (isBinary) return { ...nothing, digest, content: "binary" };
  const text = utf16 === undefined ? bytes.toString("utf8") : new TextDecoder(utf16).decode(bytes);
  if (isGeneratedText(text)) return { ...nothing, digest, content: "generated" };
  return { path, stamp: fileStamp, digest, content: "text", text };
}

/** At most `size` bytes, and fewer when the file became shorter. */
function readAll(descriptor: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const count = readSync(descriptor, bytes, filled, size - filled, filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

const stamp = (stats: Stats): FileStamp => ({
  size: stats.size,
  modified: stats.mtimeMs,
  changed: stats.ctimeMs,
  inode: stats.ino,
});

/** A time that no file has makes the next comparison read the file again. */
function settled(fresh: FileStamp): FileStamp {
  return Date.now() - fresh.changed < unsettledMilliseconds ? { ...fresh, changed: 0 } : fresh;
}
