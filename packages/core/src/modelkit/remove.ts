import { removeModelFile } from "./model-file.ts";
import type { KitStore } from "./store/kit-store.ts";

export interface RemovedKit {
  digest: string;
  freedBytes: number;
  /** Which damage kept unneeded blobs where they are. */
  warnings: string[];
}

/** Takes a name away. With the last one the kit goes, and the model that was extracted of it. */
export async function removeKit(options: {
  store: KitStore;
  reference: string;
  /** Where extracted models are kept. */
  modelsFolder: string;
  signal: AbortSignal;
}): Promise<RemovedKit> {
  const { store, reference, modelsFolder, signal } = options;
  const { digest, isGone, freedBytes, warnings } = await store.remove(reference, signal);
  const extracted = isGone ? await removeModelFile(modelsFolder, digest, signal) : 0;
  return { digest, freedBytes: freedBytes + extracted, warnings };
}
