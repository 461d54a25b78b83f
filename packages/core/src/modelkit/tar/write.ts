import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";

import { TrustError } from "../../protocol/errors.ts";
import { padding, type TarEntry, tarHeader, trailer } from "./header.ts";

/** An entry and the file that its bytes come from. */
export interface SourceEntry extends TarEntry {
  source: string;
}

const chunkSize = 2 ** 20;
const smallFile = 64 * 1024;

/**
 * The bytes of a layer, in chunks of 1 MiB. A chunk is used again for the next but one: whoever keeps it longer
 * must copy it. Reads each file once.
 */
export async function* tarChunks(
  entries: readonly SourceEntry[],
  signal: AbortSignal,
  onBytes: (count: number) => void,
): AsyncGenerator<Buffer> {
  const buffers = [Buffer.allocUnsafe(chunkSize), Buffer.allocUnsafe(chunkSize)] as const;
  let turn: 0 | 1 = 0;
  let used = 0;
  const full = function* (): Generator<Buffer> {
    if (used === chunkSize) {
      yield buffers[turn];
      turn = turn === 0 ? 1 : 0;
      used = 0;
    }
  };
  const put = function* (bytes: Buffer): Generator<Buffer> {
    for (let from = 0; from < bytes.length;) {
      const count = bytes.copy(buffers[turn], used, from);
      used += count;
      from += count;
      yield* full();
    }
  };
  for (const entry of entries) {
    signal.throwIfAborted();
    yield* put(tarHeader(entry));
    if (entry.isFolder || entry.size === 0) continue;
    if (entry.size <= smallFile) {
      yield* put(readSmall(entry));
      onBytes(entry.size);
    } else {
      await using file = await open(entry.source, "r");
      for (let left = entry.size; left > 0;) {
        signal.throwIfAborted();
        const { bytesRead } = await file.read(buffers[turn], used, Math.min(left, chunkSize - used));
        if (bytesRead === 0) throw changed(entry.name);
        used += bytesRead;
        left -= bytesRead;
        onBytes(bytesRead);
        yield* full();
      }
      if ((await file.stat()).size !== entry.size) throw changed(entry.name);
    }
    yield* put(Buffer.alloc(padding(entry.size)));
  }
  yield* put(trailer);
  if (used > 0) yield buffers[turn].subarray(0, used);
}

/** Synchronous: four short waits for each of thousands of files would cost more than reading them. */
function readSmall({ source, size, name }: SourceEntry): Buffer {
  const bytes = readFileSync(source);
  if (bytes.length !== size) throw changed(name);
  return bytes;
}

function changed(name: string): TrustError {
  return new TrustError("KIT_INVALID", `${name} changed its size while it was packed`, { hint: "pack it again" });
}

/** The bytes of one file by itself, under the same rule about chunks. */
export async function* fileChunks(
  entry: SourceEntry,
  signal: AbortSignal,
  onBytes: (count: number) => void,
): AsyncGenerator<Buffer> {
  const buffers = [Buffer.allocUnsafe(chunkSize), Buffer.allocUnsafe(chunkSize)] as const;
  await using file = await open(entry.source, "r");
  let turn: 0 | 1 = 0;
  for (let left = entry.size; left > 0;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffers[turn], 0, Math.min(left, chunkSize));
    if (bytesRead === 0) throw changed(entry.name);
    left -= bytesRead;
    onBytes(bytesRead);
    yield buffers[turn].subarray(0, bytesRead);
    turn = turn === 0 ? 1 : 0;
  }
  if ((await file.stat()).size !== entry.size) throw changed(entry.name);
}
