import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { TrustError } from "../../protocol/errors.ts";

const prefix = ".trust-quantize-";

/**
 * A folder for files on their way, beside where they go; removed at the end with all that is in it. Those that
 * processes left which were killed are removed first.
 */
export async function workFolder(beside: string): Promise<AsyncDisposable & { path: string }> {
  try {
    await removeAbandoned(beside);
    const path = await mkdtemp(join(beside, `${prefix}${process.pid}-`));
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
  } catch (cause) {
    throw new TrustError("FILE_FAILED", `nothing can be written in ${beside}: ${(cause as Error).message}`, { cause });
  }
}

async function removeAbandoned(beside: string): Promise<void> {
  for (const name of await readdir(beside)) {
    const owner = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    if (owner > 0 && !isRunning(owner)) await rm(join(beside, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
