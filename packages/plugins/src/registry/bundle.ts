import { createHash } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { mkdir, open, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { failure, ok, parseJson, type Result, TrustError } from "@trust-cli/core/protocol";
import { fileError, systemCode } from "@trust-cli/core/workspace";

import { manifestFile, PluginManifest } from "../manifest/index.ts";

/** A plugin's files, read once: what is checked is what is stored. */
export interface PluginBundle {
  manifest: PluginManifest;
  /** SHA-256 over the sorted paths and bytes, hexadecimal. */
  digest: string;
  /** By path with `/`. */
  files: ReadonlyMap<string, Buffer>;
  code: string;
}

/** Files and folders. */
const mostEntries = 200;
const mostBytes = 5_000_000;
/** Tools leave these in a folder; they are no part of a plugin. */
const left = new Set([".git", "node_modules"]);

/** Reads a plugin's folder: regular files only, and few of them. Fails with PLUGIN_INVALID. */
export async function readBundle(folder: string): Promise<Result<PluginBundle>> {
  try {
    const { files } = await readFolder(folder, "", { files: new Map(), entries: 0 });
    const manifest = files.get(manifestFile);
    if (manifest === undefined)
      throw invalid(`${folder} is no plugin: it has no ${manifestFile}`, "trust plugin new NAME");
    const parsed = parseJson(manifest.toString("utf8"), PluginManifest, manifestFile, "PLUGIN_INVALID");
    const code = files.get(parsed.entry);
    if (code === undefined)
      throw invalid(`${manifestFile} names ${parsed.entry} as its entry, but there is no such file`);
    return ok({ manifest: parsed, digest: digestOf(files), files, code: code.toString("utf8") });
  } catch (error) {
    if (error instanceof TrustError) return failure(error);
    const isMissing = ["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "");
    return failure(isMissing ? noPluginFolder(folder) : fileError(error, folder, "read"));
  }
}

export const noPluginFolder = (folder: string): TrustError =>
  invalid(`${folder} is no folder`, "name the folder of a plugin, or start one: trust plugin new NAME");

interface Contents {
  files: Map<string, Buffer>;
  entries: number;
}

async function readFolder(root: string, below: string, contents: Contents): Promise<Contents> {
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    if (left.has(entry.name)) continue;
    contents.entries += 1;
    checkSize(contents);
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) await readFolder(root, path, contents);
    else contents.files.set(path, await readPart(join(root, path), path, entry));
  }
  checkSize(contents);
  return contents;
}

async function readPart(path: string, name: string, entry: Dirent): Promise<Buffer> {
  if (!entry.isFile()) throw invalid(`${name} is no regular file; a plugin holds no links, pipes or devices`);
  await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const { size } = await handle.stat();
  if (size > mostBytes) throw tooLarge();
  return handle.readFile();
}

function checkSize({ files, entries }: Contents): void {
  let bytes = 0;
  for (const content of files.values()) bytes += content.length;
  if (entries > mostEntries || bytes > mostBytes) throw tooLarge();
}

function digestOf(files: ReadonlyMap<string, Buffer>): string {
  const hash = createHash("sha256");
  for (const [path, bytes] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${Buffer.byteLength(path)} ${path} ${bytes.length} `).update(bytes);
  }
  return hash.digest("hex");
}

/** Writes the files that were read into a new folder. */
export async function writeBundle({ files }: PluginBundle, folder: string): Promise<void> {
  for (const [path, bytes] of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(target, bytes, { flag: "wx", mode: 0o600 });
  }
}

const invalid = (message: string, hint?: string): TrustError => new TrustError("PLUGIN_INVALID", message, { hint });

const tooLarge = (): TrustError =>
  invalid(
    `a plugin holds at most ${mostEntries} files and folders, and ${mostBytes / 1e6} MB`,
    "bundle its code into one file",
  );
