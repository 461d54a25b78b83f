import type { CodeIndex, SyncResult, VectorIndex } from "@trust-cli/core/codebase";

import { writeNotice } from "./output.ts";

const firstMilliseconds = 1000;
const everyMilliseconds = 500;

interface Progress {
  done: number;
  total: number;
}

/** Brings the index up to date; on a terminal it tells how far it is when that takes longer. */
export async function showIndexing(index: CodeIndex, signal: AbortSignal): Promise<SyncResult> {
  const result = await withProgress("reading the code", (onProgress) => index.sync({ signal, onProgress }));
  if (result.outcome === "busy") writeNotice("another Trust is reading the code: what it has read so far is used");
  return result;
}

/** Makes the vectors that are missing, and tells how far it is. */
export function showEmbedding(
  vectors: VectorIndex,
  index: CodeIndex,
  signal: AbortSignal,
): Promise<{ embedded: number; removed: number }> {
  return withProgress("making vectors of the code", (onProgress) => vectors.build(index, { signal, onProgress }));
}

async function withProgress<T>(
  what: string,
  work: (onProgress: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  let told = performance.now() + firstMilliseconds - everyMilliseconds;
  let isShown = false;
  try {
    return await work(({ done, total }) => {
      if (!process.stderr.isTTY || performance.now() - told < everyMilliseconds) return;
      told = performance.now();
      isShown = true;
      process.stderr.write(`\r\u001B[K${what}: ${done} of ${total} files`);
    });
  } finally {
    if (isShown) process.stderr.write("\r\u001B[K");
  }
}
