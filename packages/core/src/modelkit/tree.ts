import { accessSync, constants, type Dirent, lstatSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

import { TrustError } from "../protocol/errors.ts";
import type { IgnoreRules } from "./ignore.ts";
import { isWithin } from "./kitfile/layers.ts";
import type { SourceEntry } from "./tar/write.ts";

export interface TreeOptions {
  /** The folder of the Kitfile. */
  folder: string;
  /** The cleaned paths of all layers: what a deeper one owns is left out of those above it. */
  layerPaths: readonly string[];
  rules: IgnoreRules;
  /** 644 for files, 755 for folders and programs, so that a checkout on another machine gives the same bytes. */
  normaliseModes: boolean;
  signal: AbortSignal;
}

/**
 * The entries of one layer in their order: the folders above it, then what it holds, siblings sorted by their bytes.
 * Throws KIT_INVALID for anything that would be lost without a word.
 */
export async function layerEntries(layerPath: string, options: TreeOptions): Promise<SourceEntry[]> {
  const { folder, signal } = options;
  const entries: SourceEntry[] = [];
  await checkThere(layerPath, folder);
  const visit = async (parent: string): Promise<void> => {
    for (const child of await sortedChildren(folder, parent)) {
      signal.throwIfAborted();
      const name = parent === "" ? child.name : `${parent}/${child.name}`;
      if (!isWithin(name, layerPath) && !isWithin(layerPath, name)) continue;
      const isLeftOut = options.rules.ignores(name) || belongsElsewhere(name, layerPath, options.layerPaths);
      if (isLeftOut && !(child.isDirectory() && options.rules.hasExceptions)) continue;
      if (!isLeftOut) {
        checkKept(name, layerPath, options.layerPaths);
        entries.push(entryOf(name, child, options));
      }
      if (child.isDirectory()) await visit(name);
    }
  };
  await visit("");
  return entries;
}

async function checkThere(layerPath: string, folder: string): Promise<void> {
  try {
    await lstat(join(folder, layerPath));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new TrustError("KIT_INVALID", `the Kitfile names ${layerPath}, which is not in ${folder}`, { cause });
  }
}

/** Names that are not UTF-8 would be written differently than they are. */
async function sortedChildren(folder: string, parent: string): Promise<Dirent[]> {
  const children = await readdir(join(folder, parent), { withFileTypes: true });
  const bytes = new Map(children.map((child) => [child, Buffer.from(child.name)]));
  const broken = children.find(({ name }) => name.includes("\uFFFD"));
  if (broken !== undefined) throw invalid(join(parent, broken.name), "its name is not UTF-8");
  return children.toSorted((a, b) => Buffer.compare(bytes.get(a) ?? empty, bytes.get(b) ?? empty));
}

const empty = Buffer.alloc(0);

function belongsElsewhere(name: string, layerPath: string, layerPaths: readonly string[]): boolean {
  return layerPaths.some((other) => !isWithin(layerPath, other) && isWithin(name, other));
}

/** What `kit` would drop without a word is an error here: names with `..`, and names that begin like another layer's path. */
function checkKept(name: string, layerPath: string, layerPaths: readonly string[]): void {
  if (name.includes("..")) throw invalid(name, "kit leaves out names with .. in them without a word; rename it");
  const lookalike = layerPaths.find(
    (other) => other !== "." && name.startsWith(other) && !isWithin(name, other) && !layerPath.startsWith(other),
  );
  if (lookalike !== undefined && isWithin(name, layerPath)) {
    throw invalid(
      name,
      `kit takes it for a part of the layer ${lookalike}, whose name begins alike, and leaves it out; rename one`,
    );
  }
}

/** Synchronous, because for thousands of small files waiting would cost more than looking. */
function entryOf(name: string, child: Dirent, { folder, normaliseModes }: TreeOptions): SourceEntry {
  const source = join(folder, name);
  const isFolder = child.isDirectory();
  if (!isFolder && !child.isFile()) {
    const kind = child.isSymbolicLink() ? "a symbolic link" : "no regular file";
    throw invalid(name, `it is ${kind}, which a kit cannot hold; list it in .kitignore to leave it out`);
  }
  const { mode, size } = lstatSync(source);
  if (!isFolder) checkReadable(source, name);
  const permissions = normaliseModes ? (isFolder || (mode & 0o100) !== 0 ? 0o755 : 0o644) : mode & 0o7777;
  return { name, source, mode: permissions, size: isFolder ? 0 : size, isFolder };
}

/** Before anything is written, not after an hour. */
function checkReadable(source: string, name: string): void {
  try {
    accessSync(source, constants.R_OK);
  } catch (cause) {
    throw new TrustError("KIT_INVALID", `${name} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function invalid(name: string, why: string): TrustError {
  return new TrustError("KIT_INVALID", `${name} cannot be packed: ${why}`);
}
