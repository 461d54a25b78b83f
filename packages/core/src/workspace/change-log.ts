import { createHash } from "node:crypto";
import { join } from "node:path";

import type { Result } from "../protocol/errors.ts";
import type { ResolvedPath } from "./workspace.ts";

/** New bytes for a file; undefined removes it. */
export interface FileChange {
  target: ResolvedPath;
  /** The version that must be there, undefined for a file that must not exist. */
  before: string | undefined;
  after: Buffer | undefined;
  /** Permission bits. Without, an existing file keeps its own. */
  mode?: number;
  /** Of a removal: the topmost folder, by its name, that goes with the file when it is empty. */
  folder?: string;
}

/** The one path by which files change: all of these or none, and the person can take it back. */
export interface ChangeLog {
  /** `what` names the change to people, such as `edit_file src/a.ts`. FILE_CONFLICT when a file is not what it was. */
  apply(changes: readonly FileChange[], what: string): Promise<Result<void>>;
}

/** The files in `locks` that guard changes in a workspace. `pending` is there while one is under way, or after a crash. */
export function changeMarkers(locks: string, root: string): { lock: string; pending: string } {
  const name = createHash("sha256").update(root).digest("hex").slice(0, 16);
  return { lock: join(locks, `changes-${name}.lock`), pending: join(locks, `changes-${name}.pending`) };
}
