import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The path without symbolic links, also of a file that does not exist yet. */
export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPath(folder), basename(path));
  }
}
