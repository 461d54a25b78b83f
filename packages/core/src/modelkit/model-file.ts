import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import * as z from "zod";

import { TrustError } from "../protocol/errors.ts";
import { parseJson } from "../protocol/json.ts";
import { oneLine } from "../protocol/words.ts";
import { makePrivateFolder } from "../storage/private-folder.ts";
import { extractLayer } from "./extract.ts";
import { type KitLayer, matchLayers } from "./kit-layers.ts";
import type { Kitfile } from "./kitfile/shape.ts";
import { kitsWithParents } from "./parents.ts";
import type { Progress } from "./progress.ts";
import { Staging } from "./staging.ts";
import { namesIn, sizeOf, storeError, withLock } from "./store/files.ts";
import type { KitStore } from "./store/kit-store.ts";

export interface ModelFileOptions {
  store: KitStore;
  /** `REF` or `kit://REF`. */
  reference: string;
  /** Where extracted models are kept: one folder for each manifest. */
  folder: string;
  signal: AbortSignal;
  onProgress?: Progress | undefined;
}

export interface ModelFile {
  /** A real file, for llama.cpp to map into memory. */
  path: string;
  /** The kit's manifest. */
  digest: string;
  name: string;
  kitfile: Kitfile;
  /** Its layer had the digest that the manifest says, when it was extracted. */
  verified: true;
}

const lockName = "extract.lock";
const recordName = "extracted.json";
/** What a process that was killed while it extracted left. */
const stagingName = /^[0-9a-f]{64}\.new$/;
const ExtractedRecord = z.object({
  first: z.string(),
  files: z.array(
    z.object({ name: z.string(), size: z.number(), mtimeMs: z.number(), ctimeMs: z.number(), ino: z.number() }),
  ),
});
type ExtractedRecord = z.infer<typeof ExtractedRecord>;

/**
 * The GGUF of a kit as a file. It is extracted once, and used again while it is the file that was recorded.
 * Throws KIT_MISSING for a kit that is not on this machine, KIT_INVALID for one without a GGUF.
 */
export async function modelFileFor(options: ModelFileOptions): Promise<ModelFile> {
  const kits = await kitsWithParents(options.store, options.reference);
  const [own] = kits;
  const { descriptor, kitfile, reference } = own;
  const layer = kits.flatMap((kit) => matchLayers(kit.manifest, kit.kitfile)).find(({ kind }) => kind === "model");
  if (layer === undefined) throw new TrustError("KIT_INVALID", `the kit ${reference} has no model`);
  const folder = folderOf(options.folder, descriptor.digest);
  const record = (await usableRecord(folder)) ?? (await extractOnce(layer, folder, options));
  return {
    path: join(folder, record.first),
    digest: descriptor.digest,
    name: oneLine(kitfile.model?.name ?? kitfile.package.name ?? reference),
    kitfile,
    verified: true,
  };
}

/** Removes what was extracted of a manifest, and tells how many bytes that was. */
export async function removeModelFile(folder: string, digest: string, signal: AbortSignal): Promise<number> {
  const extracted = folderOf(folder, digest);
  if ((await sizeOf(extracted)) === undefined) return 0;
  try {
    return await withLock(join(folder, lockName), signal, async () => {
      const files = await readdir(extracted, { recursive: true, withFileTypes: true });
      const regular = files.filter((one) => one.isFile());
      const sizes = await Promise.all(regular.map((one) => sizeOf(join(one.parentPath, one.name))));
      await rm(extracted, { recursive: true, force: true });
      return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
    });
  } catch (cause) {
    throw storeError(extracted, cause);
  }
}

const folderOf = (folder: string, digest: string): string => join(folder, digest.slice("sha256:".length));

/** One process at a time extracts; whoever waited finds the file there. */
async function extractOnce(layer: KitLayer, folder: string, options: ModelFileOptions): Promise<ExtractedRecord> {
  try {
    makePrivateFolder(options.folder);
    return await withLock(join(options.folder, lockName), options.signal, async () => {
      const theirs = await usableRecord(folder);
      if (theirs !== undefined) return theirs;
      const abandoned = (await namesIn(options.folder)).filter((name) => stagingName.test(name));
      await Promise.all(abandoned.map((name) => rm(join(options.folder, name), { recursive: true, force: true })));
      return await extract(layer, folder, options);
    });
  } catch (cause) {
    throw storeError(folder, cause);
  }
}

async function extract(layer: KitLayer, folder: string, options: ModelFileOptions): Promise<ExtractedRecord> {
  const { store, signal, onProgress } = options;
  const staging = new Staging(`${folder}.new`);
  const total = layer.descriptor.size;
  let done = 0;
  const onBytes = (count: number): void => {
    done += count;
    onProgress?.({ done, total });
  };
  try {
    await mkdir(staging.folder);
    await extractLayer(layer, { store, staging, wanted: (name) => /\.gguf$/i.test(name), signal, onBytes });
    const names = staging.entries.filter((entry) => !entry.isFolder).map(({ name }) => name);
    const record = await recordOf(staging.folder, names, firstFile(names, options.reference));
    await writeFile(join(staging.folder, recordName), JSON.stringify(record));
    await rm(folder, { recursive: true, force: true });
    await rename(staging.folder, folder);
    return record;
  } finally {
    await rm(staging.folder, { recursive: true, force: true });
  }
}

/** llama.cpp opens the first of several shards and finds the others beside it. */
function firstFile(names: readonly string[], reference: string): string {
  const [only] = names;
  if (only === undefined) {
    throw new TrustError(
      "KIT_INVALID",
      `the model of the kit ${reference} has no GGUF file, the only kind that runs here`,
    );
  }
  if (names.length === 1) return only;
  const first = names.filter((name) => /-0*1-of-\d+\.gguf$/i.test(name));
  if (first.length === 1 && first[0] !== undefined) return first[0];
  throw new TrustError("KIT_INVALID", `the kit ${reference} holds several models: ${names.map(oneLine).join(", ")}`, {
    hint: "unpack it and name one file: trust kit unpack REF -d DIR, then trust -m DIR/FILE.gguf",
  });
}

/** Whoever writes into a file can set its size and its time back, but not these others. */
const watched = ["size", "mtimeMs", "ctimeMs", "ino"] as const;

async function recordOf(folder: string, names: readonly string[], first: string): Promise<ExtractedRecord> {
  const files = await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs, ctimeMs, ino } = await stat(join(folder, name));
      return { name, size, mtimeMs, ctimeMs, ino };
    }),
  );
  return { first, files };
}

async function usableRecord(folder: string): Promise<ExtractedRecord | undefined> {
  const path = join(folder, recordName);
  try {
    const record = parseJson(await readFile(path, "utf8"), ExtractedRecord, path);
    for (const { name, ...recorded } of record.files) {
      const found = await stat(join(folder, name));
      if (watched.some((key) => found[key] !== recorded[key])) return undefined;
    }
    return record;
  } catch {
    return undefined;
  }
}
