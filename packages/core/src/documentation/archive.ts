import { once } from "node:events";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { createGunzip } from "node:zlib";

import { Parser, type ReadEntry } from "tar";

import { isSecretFile } from "../codebase/file-rules.ts";
import { TrustError } from "../protocol/errors.ts";
import { isDocument } from "./formats/index.ts";
import { type DocumentSource, docsError, limits, type SourceFile } from "./source.ts";

export const archiveNames = /\.(?:tar|tar\.gz|tgz)$/i;
/** Of an unpacked archive, with what is not read. */
const mostUnpackedBytes = 1_000_000_000;

/** The documents of an archive. It is unpacked in memory only; links and paths that lead out of it are left out. */
export function archiveSource(file: string): DocumentSource {
  const notes: string[] = [];
  return {
    name: basename(file).replace(archiveNames, ""),
    origin: file,
    location: file,
    files: (signal) => ({ [Symbol.asyncIterator]: () => documentsIn(file, notes, signal) }),
    notes,
  };
}

interface Taken {
  files: Map<string, Buffer>;
  bytes: number;
  unpacked: number;
  isOver: boolean;
  left: number;
  tooLarge: string[];
}

/** By path, so that the same archive always reads the same. */
async function* documentsIn(file: string, notes: string[], signal: AbortSignal): AsyncGenerator<SourceFile> {
  const taken: Taken = { files: new Map(), bytes: 0, unpacked: 0, isOver: false, left: 0, tooLarge: [] };
  await unpack(file, taken, signal);
  if (taken.left > 0) notes.push(`${taken.left} links, devices and unsafe paths of the archive were left out`);
  for (const path of taken.tooLarge) notes.push(`${path} is too large and was left out`);
  if (taken.bytes >= limits.sourceBytes)
    notes.push("the archive has more than 200 MB of documents: the rest was left out");
  for (const path of [...taken.files.keys()].sort()) yield { path, read: () => Promise.resolve(taken.files.get(path)) };
}

/** What counts is what comes out: a few bytes may unpack to any number. Nothing is read behind the archive's end. */
async function unpack(file: string, taken: Taken, signal: AbortSignal): Promise<void> {
  const parser = new Parser({ strict: false, onReadEntry: (entry) => take(entry, taken) });
  const ended = new Promise<void>((resolve, reject) => {
    parser.on("warn", (code: string, message: string | Error) => {
      if (code === "TAR_BAD_ARCHIVE" || code === "TAR_ABORT") reject(broken(file, message));
    });
    parser.on("error", (cause: unknown) => reject(broken(file, cause)));
    parser.on("end", resolve);
  });
  parser.on("ignoredEntry", () => (taken.left += 1));
  const eof = once(parser, "eof").then(() => void (taken.isOver = true));
  // What went wrong is told by `ended`.
  const over = Promise.race([ended, eof]).catch(() => undefined);
  eof.catch(() => undefined);
  await Promise.all([ended, feed(file, { parser, taken, over }, signal)]);
}

interface Feeding {
  parser: Parser;
  taken: Taken;
  /** Resolves at the archive's end. */
  over: Promise<unknown>;
}

async function feed(file: string, { parser, taken, over }: Feeding, signal: AbortSignal): Promise<void> {
  try {
    for await (const chunk of plainBytes(file)) {
      signal.throwIfAborted();
      taken.unpacked += chunk.length;
      if (taken.unpacked > mostUnpackedBytes) {
        throw new TrustError("INPUT_INVALID", `${file} unpacks to more than 1 GB`, {
          hint: "add a smaller part of it",
        });
      }
      if (!parser.write(chunk) && !taken.isOver) await Promise.race([once(parser, "drain"), over]);
      if (taken.isOver) break;
    }
  } catch (cause) {
    if (signal.aborted) throw interrupted();
    throw cause instanceof TrustError ? cause : broken(file, cause);
  }
  parser.end();
}

async function* plainBytes(file: string): AsyncGenerator<Buffer, void, void> {
  const input = createReadStream(file);
  const [first] = (await readFirst(file)) ?? [];
  const bytes = first === gzipMark ? input.pipe(createGunzip()) : input;
  input.on("error", (cause) => bytes.destroy(cause));
  try {
    for await (const chunk of bytes) yield chunk as Buffer;
  } finally {
    input.destroy();
    bytes.destroy();
  }
}

/** The first byte of every gzip file; a tar begins with a name. */
const gzipMark = 0x1f;

async function readFirst(file: string): Promise<Buffer | undefined> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, 0);
  return bytesRead === 0 ? undefined : buffer;
}

export const interrupted = (): TrustError =>
  new TrustError("INTERRUPTED", "interrupted by the person; nothing was changed");

const broken = (file: string, cause: unknown): TrustError =>
  docsError(
    `${file} is no archive that can be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    "it must be .tar, .tar.gz or .tgz",
    cause,
  );

function take(entry: ReadEntry, taken: Taken): void {
  const path = safePath(entry.path);
  const isFile = entry.type === "File" || entry.type === "OldFile" || entry.type === "ContiguousFile";
  if (!isFile || path === undefined) {
    if (entry.type !== "Directory" && entry.type !== "GNUDumpDir") taken.left += 1;
    entry.resume();
    return;
  }
  const isWanted = isDocument(path) && !isSecretFile(path) && taken.bytes < limits.sourceBytes;
  if (!isWanted || entry.size > limits.fileBytes) {
    if (isWanted) taken.tooLarge.push(path);
    entry.resume();
    return;
  }
  taken.bytes += entry.size;
  const chunks: Buffer[] = [];
  entry.on("data", (chunk: Buffer) => void chunks.push(chunk));
  entry.on("end", () => taken.files.set(path, Buffer.concat(chunks)));
}

/** Undefined for a path that leads out of the archive, or that is not one for every system. */
function safePath(written: string): string | undefined {
  const parts = written
    .replaceAll("\\", "/")
    .split("/")
    .filter((part) => part !== "" && part !== ".");
  const isSafe = !/^(?:[/\\]|[a-z]:)/i.test(written) && !parts.includes("..") && !written.includes("\0");
  return isSafe && parts.length > 0 ? parts.join("/") : undefined;
}
