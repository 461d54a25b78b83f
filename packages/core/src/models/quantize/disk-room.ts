import { statfs } from "node:fs/promises";

import { TrustError } from "../../protocol/errors.ts";

/** Room that must stay free beside what is written. */
const spareBytes = 64 * 1024 * 1024;

/** Throws FILE_FAILED when a folder's disk has no room for so many bytes. */
export async function requireRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const missing = bytes + spareBytes - bavail * bsize;
  if (missing <= 0) return;
  const mebibytes = (count: number): string => `${Math.ceil(count / 2 ** 20)} MiB`;
  const message = `${folder} has no room for ${mebibytes(bytes)}: ${mebibytes(missing)} are missing`;
  throw new TrustError("FILE_FAILED", message, { hint: "free some space, or name a file on another disk" });
}
