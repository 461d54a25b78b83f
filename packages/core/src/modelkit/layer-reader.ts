import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";

import { TrustError } from "../protocol/errors.ts";
import { type Descriptor, layerType } from "./manifest.ts";
import { isMissing } from "./store/files.ts";
import { corrupt } from "./store/kit-store.ts";

const chunkSize = 2 ** 20;
/** gzip cannot reach this; what expands further only wants to fill the disk. */
const mostExpansion = 2000;

export interface ReadLayerOptions {
  path: string;
  layer: Descriptor;
  /** The digest of the uncompressed bytes, where the kit tells it. */
  diffId: string | undefined;
  signal: AbortSignal;
  onBytes: (count: number) => void;
}

/**
 * Gives `onPiece` the uncompressed bytes of a layer, one piece after the other, and computes the digest of what is
 * stored on the way. Throws KIT_CORRUPT at the end when that is another: until then nothing of it may be used.
 */
export async function readLayer(options: ReadLayerOptions, onPiece: (piece: Buffer) => Promise<void>): Promise<void> {
  const { compression } = layerType(options.layer);
  try {
    if (compression === "none") await readStored(options, onPiece);
    else await readCompressed(options, compression, onPiece);
  } catch (error) {
    if (isMissing(error)) throw corrupt(options.layer.digest, "is missing");
    const { code } = error as NodeJS.ErrnoException;
    if (code?.startsWith("Z_") === true || code?.startsWith("ZSTD_") === true) {
      throw corrupt(options.layer.digest, "cannot be decompressed");
    }
    throw error;
  }
}

async function readStored(
  { path, layer, diffId, signal, onBytes }: ReadLayerOptions,
  onPiece: (piece: Buffer) => Promise<void>,
): Promise<void> {
  const buffers = [Buffer.allocUnsafe(chunkSize), Buffer.allocUnsafe(chunkSize)] as const;
  const hash = createHash("sha256");
  let size = 0;
  await using file = await open(path, "r");
  let next = file.read(buffers[0], 0, chunkSize);
  for (let turn: 0 | 1 = 0; ; turn = turn === 0 ? 1 : 0) {
    const { bytesRead } = await next;
    if (bytesRead === 0) break;
    signal.throwIfAborted();
    // The next read runs in another thread while this piece is hashed and used.
    next = file.read(buffers[turn === 0 ? 1 : 0], 0, chunkSize);
    next.catch(() => undefined);
    const piece = buffers[turn].subarray(0, bytesRead);
    hash.update(piece);
    size += bytesRead;
    await onPiece(piece);
    onBytes(bytesRead);
  }
  const digest = `sha256:${hash.digest("hex")}`;
  check(layer, { digest, size });
  checkContent(layer, diffId, digest);
}

async function readCompressed(
  { path, layer, diffId, signal, onBytes }: ReadLayerOptions,
  compression: "gzip" | "zstd",
  onPiece: (piece: Buffer) => Promise<void>,
): Promise<void> {
  const stored = createHash("sha256");
  const content = createHash("sha256");
  let size = 0;
  let expanded = 0;
  const tap = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      stored.update(chunk);
      size += chunk.length;
      onBytes(chunk.length);
      yield chunk;
    }
  };
  const decompress = compression === "gzip" ? createGunzip() : createZstdDecompress();
  await pipeline(
    createReadStream(path, { highWaterMark: chunkSize }),
    tap,
    decompress,
    async (pieces: AsyncIterable<Buffer>) => {
      for await (const piece of pieces) {
        content.update(piece);
        expanded += piece.length;
        if (expanded > layer.size * mostExpansion + chunkSize) throw expandsTooFar(layer);
        await onPiece(piece);
      }
    },
    { signal },
  );
  check(layer, { digest: `sha256:${stored.digest("hex")}`, size });
  checkContent(layer, diffId, `sha256:${content.digest("hex")}`);
}

function check(layer: Descriptor, found: { digest: string; size: number }): void {
  if (found.size !== layer.size) throw corrupt(layer.digest, `has ${found.size} bytes instead of ${layer.size}`);
  if (found.digest !== layer.digest) throw corrupt(layer.digest, "is damaged: its bytes have another digest");
}

function checkContent(layer: Descriptor, diffId: string | undefined, found: string): void {
  if (diffId !== undefined && diffId !== found) {
    throw corrupt(layer.digest, `does not hold what the Kitfile says: ${found} instead of ${diffId}`);
  }
}

function expandsTooFar({ digest }: Descriptor): TrustError {
  return new TrustError("KIT_INVALID", `layer ${digest} expands to more than ${mostExpansion} times its size`);
}
