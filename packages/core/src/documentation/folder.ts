import { closeSync, constants, type Dirent, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

import { isSecretFile } from "../codebase/file-rules.ts";
import { slashes } from "../workspace/index.ts";
import { limits, type SourceFile } from "./source.ts";

const skippedFolders = new Set([
  "node_modules",
  "bower_components",
  "__pycache__",
  "testdata",
  "target",
  "site-packages",
]);
const deepest = 30;

export interface FolderRules {
  /** Judged by the path from the folder, with `/`. */
  takes: (path: string) => boolean;
  /** Folders that are not looked into, besides hidden ones and other people's code. */
  skips?: (path: string) => boolean;
}

/** The files of a folder that its rules take, in the order of their paths. Links are not followed, secrets not read. */
export function filesOf(folder: string, rules: FolderRules, notes: string[]): SourceFile[] {
  const paths: string[] = [];
  collect(folder, "", { ...rules, paths, notes });
  if (paths.length >= limits.files) notes.push(`only the first ${limits.files} files of ${folder} were looked at`);
  return paths.sort().map((path) => ({ path, read: () => Promise.resolve(readBounded(join(folder, path))) }));
}

interface Walk extends FolderRules {
  paths: string[];
  notes: string[];
}

function collect(folder: string, below: string, walk: Walk): void {
  if (below.split("/").length > deepest) {
    walk.notes.push(`folders below ${below} are too deep and were left out`);
    return;
  }
  for (const entry of entriesOf(join(folder, below))) {
    const path = slashes(below === "" ? entry.name : `${below}/${entry.name}`);
    if (walk.paths.length >= limits.files) return;
    if (entry.isDirectory()) {
      if (!isSkipped(entry.name) && walk.skips?.(path) !== true) collect(folder, path, walk);
    } else if (entry.isFile() && isWanted(entry.name, path, walk)) walk.paths.push(path);
  }
}

const isWanted = (name: string, path: string, { takes }: FolderRules): boolean =>
  !name.startsWith(".") && !isSecretFile(path) && takes(path);

const isSkipped = (name: string): boolean => name.startsWith(".") || skippedFolders.has(name);

/** Empty where there is no folder, or it may not be read. */
export function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** The bytes of a regular file. Undefined when there is none, it may not be read, or it is too large. */
export function readBounded(file: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    // Non-blocking: a pipe must not make this wait for its other end.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > limits.fileBytes) return undefined;
    const bytes = Buffer.allocUnsafe(stats.size);
    let filled = 0;
    for (let count = -1; count !== 0 && filled < bytes.length; filled += count) {
      count = readSync(descriptor, bytes, filled, bytes.length - filled, filled);
    }
    return bytes.subarray(0, filled);
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
