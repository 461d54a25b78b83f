import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { join } from "node:path";

/** Where the index of a workspace lies: its name tells the root only to who knows it. */
export const codeIndexFile = (folder: string, root: string): string => join(folder, "code", `${nameOf(root)}.db`);

/** Where the vectors of its passages lie. */
export const vectorIndexFile = (folder: string, root: string): string =>
  join(folder, "code", `${nameOf(root)}.vectors.db`);

const nameOf = (root: string): string => createHash("sha256").update(realpathSync.native(root)).digest("hex");
