import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { State } from "./random-edits.ts";

/** The texts of all files below a folder. */
export function stateOf(root: string): State {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  const entries = paths.map((path): [string, string] => [path.slice(root.length + 1), readFileSync(path, "utf8")]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
