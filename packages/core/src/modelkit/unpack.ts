import { randomUUID } from "node:crypto";
import { renameSync } from "node:fs";
import { lstat, mkdir, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";

import { TrustError } from "../protocol/errors.ts";
import { oneLine } from "../protocol/words.ts";
import { extractLayer } from "./extract.ts";
import { isWanted, type KitFilter } from "./filter.ts";
import { type KitLayer, matchLayers } from "./kit-layers.ts";
import { kitfileYaml } from "./kitfile/config-json.ts";
import { layerType } from "./manifest.ts";
import { kitsWithParents } from "./parents.ts";
import type { Progress } from "./progress.ts";
import { Staging } from "./staging.ts";
import { isMissing, namesIn, storeError } from "./store/files.ts";
import type { KitStore } from "./store/kit-store.ts";

export interface UnpackOptions {
  store: KitStore;
  reference: string;
  folder: string;
  /** What happens to a file that is there already. Default: KIT_CONFLICT, and nothing is written. */
  existing?: "overwrite" | "keep" | undefined;
  filters: readonly KitFilter[];
  signal: AbortSignal;
  onProgress?: Progress | undefined;
}

export interface UnpackedKit {
  digest: string;
  folder: string;
  /** Relative to the folder. */
  files: string[];
  /** Files that were there already and stayed. */
  kept: string[];
}

const stagingName = /^\.trust-unpack-(\d+)-[0-9a-f-]{36}$/;

/**
 * Writes the files of a kit. They grow in a folder of their own and move to their places when every digest was
 * right and nothing is in the way; before that the target is as it was.
 */
export async function unpackKit(options: UnpackOptions): Promise<UnpackedKit> {
  const { store, filters, signal } = options;
  const target = resolve(options.folder);
  const isThere = await isFolder(target);
  const parent = isThere ? target : dirname(target);
  const kits = await kitsWithParents(store, options.reference);
  const [own] = kits;
  const layers = kits.flatMap((kit, depth) => wantedLayers(matchLayers(kit.manifest, kit.kitfile), filters, depth > 0));
  const withKitfile = filters.length === 0 || filters.some(({ kitfile }) => kitfile);
  if (layers.length === 0 && !withKitfile) {
    throw new TrustError("USAGE", `nothing in ${own.reference} is what the filter names`, {
      hint: `trust kit inspect ${own.reference} shows what it holds`,
    });
  }
  const staging = new Staging(join(parent, `.trust-unpack-${process.pid}-${randomUUID()}`));
  await makeStaging(parent, staging.folder);
  try {
    const onBytes = counter(layers, options.onProgress);
    for (const layer of layers) await extractLayer(layer, { store, staging, wanted: () => true, signal, onBytes });
    if (withKitfile) await staging.writeText("Kitfile", kitfileYaml(own.kitfile));
    signal.throwIfAborted();
    const files = staging.entries.filter((entry) => !entry.isFolder).map(({ name }) => name);
    const kept = isThere ? await moveInto(staging, target, options.existing) : [];
    if (!isThere) await rename(staging.folder, target);
    return { digest: own.descriptor.digest, folder: target, files, kept };
  } catch (cause) {
    throw storeError(target, cause);
  } finally {
    await rm(staging.folder, { recursive: true, force: true });
  }
}

/** Of a kit that another one builds on only the model is taken. The same layer under two names is taken once. */
function wantedLayers(layers: readonly KitLayer[], filters: readonly KitFilter[], isParent: boolean): KitLayer[] {
  const seen = new Set<string>();
  return layers.filter(({ descriptor, kind, entry }) => {
    if (isParent && kind !== "model" && kind !== "modelpart") return false;
    if (layerType(descriptor).format === "tar" && seen.has(descriptor.digest)) return false;
    const isIn = isWanted(filters, { kind, name: entry?.name, path: entry?.path });
    if (isIn) seen.add(descriptor.digest);
    return isIn;
  });
}

function counter(layers: readonly KitLayer[], onProgress: Progress | undefined): (count: number) => void {
  const total = layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
  let done = 0;
  return (count) => {
    done += count;
    onProgress?.({ done, total });
  };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    const found = await lstat(await realpath(path));
    if (found.isDirectory()) return true;
  } catch (error) {
    if (!isMissing(error)) throw storeError(path, error);
    if ((await stateOf(path, false)) === "nothing") return false;
    throw new TrustError("KIT_CONFLICT", `${path} is a link that leads nowhere`, {
      hint: "name another folder with -d",
    });
  }
  throw new TrustError("KIT_CONFLICT", `${path} is there and is no folder`, { hint: "name another folder with -d" });
}

/** Also removes what an unpacking that was killed left beside. */
async function makeStaging(parent: string, folder: string): Promise<void> {
  try {
    await mkdir(parent, { recursive: true });
    for (const name of await namesIn(parent)) {
      const owner = stagingName.exec(name)?.[1];
      if (owner !== undefined && !isRunning(Number(owner)))
        await rm(join(parent, name), { recursive: true, force: true });
    }
    await mkdir(folder);
  } catch (cause) {
    throw storeError(parent, cause);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Looks at every place first, then moves. Gives the files that were there and stayed. */
async function moveInto(staging: Staging, target: string, existing: UnpackOptions["existing"]): Promise<string[]> {
  const root = await realpath(target);
  const inTheWay = await filesInTheWay(staging, root);
  if (existing === undefined && inTheWay.length > 0) throw conflict(inTheWay, "nothing was written");
  const kept = existing === "keep" ? inTheWay : [];
  const staying = new Set(kept);
  for (const { name, isFolder: wantsFolder } of staging.entries) {
    if (wantsFolder) await mkdir(join(root, name), { recursive: true });
    else if (!staying.has(name)) renameSync(join(staging.folder, name), join(root, name));
  }
  return kept;
}

/** Throws when something that cannot be replaced has a name that is needed. */
async function filesInTheWay(staging: Staging, root: string): Promise<string[]> {
  const names: string[] = [];
  for (const { name, isFolder: wantsFolder } of staging.entries) {
    await checkInside(root, wantsFolder ? join(root, name) : dirname(join(root, name)), name);
    const state = await stateOf(join(root, name), wantsFolder);
    if (state === "nothing" || (wantsFolder && state === "folder")) continue;
    if (wantsFolder || state !== "file") throw conflict([name], "and it is no regular file; nothing was written");
    names.push(name);
  }
  return names;
}

function conflict(names: readonly string[], what: string): TrustError {
  const shown = names.slice(0, 3).map(oneLine).join(", ") + (names.length > 3 ? ` and ${names.length - 3} more` : "");
  return new TrustError("KIT_CONFLICT", `the folder has ${shown} already; ${what}`, {
    hint: "-o replaces such files, -i keeps them, -d DIR unpacks into another folder",
  });
}

/** Follows the links of a folder; one that leads out of the target is refused. */
async function checkInside(root: string, folder: string, name: string): Promise<void> {
  try {
    const real = await realpath(folder);
    if (real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)) return;
  } catch (error) {
    if (leadsNowhere(error)) return;
    throw error;
  }
  throw new TrustError("PATH_OUTSIDE", `${oneLine(name)} would be written outside of ${root}, where a link leads`);
}

const leadsNowhere = (error: unknown): boolean => isMissing(error) || (error as NodeJS.ErrnoException).code === "ELOOP";

/** A link that leads nowhere is in the way, too. */
async function stateOf(path: string, followLink: boolean): Promise<"nothing" | "file" | "folder" | "other"> {
  try {
    const found = followLink ? await stat(path) : await lstat(path);
    return found.isDirectory() ? "folder" : found.isFile() ? "file" : "other";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return "other";
    if (!leadsNowhere(error)) throw error;
    return followLink ? stateOf(path, false) : "nothing";
  }
}
