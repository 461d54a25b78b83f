import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

const onlyTheOwner = 0o700;

/** Makes a folder and those above it, for its owner alone. Node's own recursive mkdir never ends below /proc. */
export function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { mode: onlyTheOwner });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    makePrivateFolder(dirname(path));
    mkdirSync(path, { mode: onlyTheOwner });
  }
}
