import type { TrustPaths } from "@trust-cli/core/config";
import { inspectKit, type KitStore, modelFileFor } from "@trust-cli/core/modelkit";
import { TrustError } from "@trust-cli/core/protocol";

import { modelsFolder, openKits } from "./kits.ts";

/** Kits may take their model from another kit, and that one too. */
const deepestParent = 8;

/** Bytes of a kit's weights. Throws KIT_MISSING, KIT_CORRUPT, or KIT_INVALID for a kit without a model. */
export async function kitModelBytes(reference: string, paths: TrustPaths): Promise<number> {
  return (await modelLayer(await openKits(paths), reference)).size;
}

/** The digest of a kit's weights. Throws what `kitModelBytes` throws. */
export async function kitModelDigest(reference: string, paths: TrustPaths): Promise<string> {
  return (await modelLayer(await openKits(paths), reference)).digest;
}

/** A kit with a model, as the list of models shows it. */
export interface KitWithModel {
  reference: string;
  name: string;
  sizeBytes?: number;
  problem?: string;
}

/** The kits of this machine that hold a model, or cannot be read. */
export async function kitsWithModel(paths: TrustPaths, signal: AbortSignal): Promise<KitWithModel[]> {
  const store = await openKits(paths);
  const found: KitWithModel[] = [];
  for (const { repository, tags, digest, name, problem } of await store.list()) {
    signal.throwIfAborted();
    const [tag] = tags;
    const byDigest = digest === "" ? repository : `${repository}@${digest}`;
    const reference = tag === undefined ? byDigest : `${repository}:${tag}`;
    const listed = { reference: `kit://${reference}`, name: name ?? reference };
    if (problem !== undefined) found.push({ ...listed, problem });
    else {
      const layer = await modelLayer(store, reference).catch((error: unknown) => onlyTrustErrors(error));
      if (layer !== undefined) found.push({ ...listed, sizeBytes: layer.size });
    }
  }
  return found;
}

/** The weights as a file for llama.cpp. `onLoad` reports 0..1 while they are taken out, which happens once. */
export async function openKitModel(
  reference: string,
  paths: TrustPaths,
  { signal, onLoad }: { signal: AbortSignal; onLoad: ((fraction: number) => void) | undefined },
): Promise<string> {
  const { path } = await modelFileFor({
    store: await openKits(paths),
    reference,
    folder: modelsFolder(paths),
    signal,
    onProgress: ({ done, total }) => onLoad?.(total > 0 ? done / total : 0),
  });
  return path;
}

type Layer = Awaited<ReturnType<typeof inspectKit>>["layers"][number];

async function modelLayer(store: KitStore, reference: string, depth = 0): Promise<Layer> {
  const { layers } = await inspectKit(store, reference);
  const own = layers.find(({ kind }) => kind === "model");
  if (own !== undefined) return own;
  const { kitfile } = await store.read(reference);
  const parent = kitfile.model?.path;
  if (parent === undefined || depth >= deepestParent) {
    throw new TrustError("KIT_INVALID", `the kit ${reference} has no model`, { hint: "trust model list" });
  }
  return modelLayer(store, parent, depth + 1);
}

function onlyTrustErrors(error: unknown): undefined {
  if (error instanceof TrustError) return undefined;
  throw error;
}
