import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";

import { TrustError } from "@trust-cli/core/protocol";

/** Lines that come this close together are taken together. */
const gatherMilliseconds = 50;

/**
 * Lines as they come: each time all that arrived, at most `most` of them. Rejects on abort, and with USAGE when the
 * input cannot be read. The input is closed at the end.
 */
export async function* lineBatches(input: Readable, most: number, signal: AbortSignal): AsyncGenerator<string[]> {
  signal.throwIfAborted();
  const arrived: string[] = [];
  let isOpen = true;
  let failure: unknown;
  let wake = (): void => undefined;
  const reader = createInterface({ input, crlfDelay: Infinity, signal });
  reader.on("line", (line) => {
    arrived.push(line);
    if (arrived.length >= most && isOpen) reader.pause();
    wake();
  });
  reader.on("close", () => {
    isOpen = false;
    wake();
  });
  reader.on("error", (error: unknown) => {
    failure = error;
    reader.close();
  });
  try {
    for (;;) {
      if (arrived.length === 0 && isOpen) await new Promise<void>((resolve) => (wake = resolve));
      if (arrived.length < most && isOpen) await setTimeout(gatherMilliseconds, undefined, { signal });
      signal.throwIfAborted();
      if (arrived.length === 0) break;
      yield arrived.splice(0, most);
      if (isOpen) reader.resume();
    }
  } finally {
    reader.close();
    input.destroy();
  }
  if (failure !== undefined) throw new TrustError("USAGE", "stdin cannot be read", { cause: failure });
}
