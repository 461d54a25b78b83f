import { createReadStream } from "node:fs";
import { basename } from "node:path";

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
  left: number;
  tooLarge: string[];
}

/** By path, so that the same archive always reads the same. */
async function* documentsIn(file: string, notes: string[], signal: AbortSignal): AsyncGenerator<SourceFile> {
  const taken: Taken = { files: new Map(), bytes: 0, unpacked: 0, left: 0, tooLarge: [] };
  await unpack(file, taken, signal);
  if (taken.left > 0) notes.push(`${taken.left} links, devices and unsafe paths of the archive were left out`);
  for (const path of taken.tooLarge) notes.push(`${path} is too large and was left out`);
  if (taken.bytes >= limits.sourceBytes)
    notes.push("the archive has more than 200 MB of documents: the rest was left out");
  for (const path of [...taken.files.keys()].sort()) yield { path, read: () => Promise.resolve(taken.files.get(path)) };
}

async function unpack(file: string, taken: Taken, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const parser = new Parser({ strict: false, onReadEntry: (entry) => take(entry, taken) });
  const input = createReadStream(file, { signal });
  const fail = (cause: unknown): void => {
    input.destroy();
    reject(cause instanceof TrustError ? cause : broken(file, cause));
  };
  parser.on("warn", (code: string, message: string | Error) => {
    if (code === "TAR_BAD_ARCHIVE" || code === "TAR_ABORT") fail(message);
  });
  parser.on("ignoredEntry", () => (taken.left += 1));
  parser.on("error", fail);
  parser.on("end", resolve);
  input.on("error", (cause) => fail(signal.aborted ? interrupted() : cause));
  input.on("data", (chunk) => {
    if (taken.unpacked > mostUnpackedBytes)
      fail(new TrustError("INPUT_INVALID", `${file} unpacks to more than 1 GB`, { hint: "add a smaller part of it" }));
    else if (!parser.write(chunk as Buffer)) {
      input.pause();
      parser.once("drain", () => input.resume());
    }
  });
  input.on("end", () => parser.end());
  await promise;
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
  taken.unpacked += entry.size;
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
