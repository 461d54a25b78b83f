import { setTimeout as sleep } from "node:timers/promises";

import { TrustError } from "@trust-cli/core/protocol";

const pollMilliseconds = 20;
const attempts = 1500;

/** Runs `work` while no other process, and nothing else in this one, holds the lock. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  // Only changes need it: a start reads, and should not load a database.
  const { acquireLock } = await import("@trust-cli/core/storage");
  for (let attempt = 1; attempt <= attempts; attempt++) {
    using lock = acquireLock(file);
    if (lock !== undefined) return await work();
    await sleep(pollMilliseconds);
  }
  throw new TrustError("STORAGE_FAILED", `another process holds ${file}`, {
    hint: "end the other trust processes, then try again",
  });
}
