import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { join } from "node:path";

/** Where the index of a workspace lies: its name tells the root only to who knows it. */
export function codeIndexFile(folder: string, root: string): string {
  const name = createHash("sha256").update(realpathSync.native(root)).digest("hex");
  return join(folder, "code", `${name}.db`);
}
