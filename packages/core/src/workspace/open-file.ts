import { constants } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";

import { TrustError } from "../protocol/errors.ts";
import { missingFile } from "./file-errors.ts";
import type { ResolvedPath } from "./workspace.ts";

/**
 * Opens the regular file at a resolved path, and makes sure that no part of the path was replaced by a link
 * since it was resolved. Throws TrustErrors and system errors.
 */
export async function openFile(target: ResolvedPath): Promise<FileHandle> {
  if (target.kind === "missing") throw missingFile(target.name);
  if (target.kind === "directory") {
    throw new TrustError("FILE_FAILED", `${target.name} is a directory, not a file`, {
      hint: `To see what it holds: list_directory {"path": ${JSON.stringify(target.name)}}`,
    });
  }
  // Non-blocking: a pipe that took the file's place must not make the open wait for its other end.
  const handle = await open(target.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    await confirm(handle, target);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function confirm(handle: FileHandle, target: ResolvedPath): Promise<void> {
  const opened = await handle.stat();
  const there = await lstat(target.path);
  const isSame = opened.ino === there.ino && opened.dev === there.dev;
  if (isSame && opened.isFile() && (await realpath(target.path)) === target.path) return;
  throw new TrustError("FILE_CONFLICT", `${target.name} was replaced while it was being opened`, {
    hint: "Try again",
  });
}
