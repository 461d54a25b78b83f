import type { CodeIndex, SyncResult } from "@trust-cli/core/codebase";

import { writeNotice } from "./output.ts";

const firstMilliseconds = 1000;
const everyMilliseconds = 500;

/** Brings the index up to date; on a terminal it tells how far it is when that takes longer. */
export async function showIndexing(index: CodeIndex, signal: AbortSignal): Promise<SyncResult> {
  let told = performance.now() + firstMilliseconds - everyMilliseconds;
  let isShown = false;
  const result = await index.sync({
    signal,
    onProgress: ({ done, total }) => {
      if (!process.stderr.isTTY || performance.now() - told < everyMilliseconds) return;
      told = performance.now();
      isShown = true;
      process.stderr.write(`\r\u001B[Kreading the code: ${done} of ${total} files`);
    },
  });
  if (isShown) process.stderr.write("\r\u001B[K");
  if (result.outcome === "busy") writeNotice("another Trust is reading the code: what it has read so far is used");
  return result;
}
