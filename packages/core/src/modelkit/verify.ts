import { matchLayers } from "./kit-layers.ts";
import { readLayer } from "./layer-reader.ts";
import type { Progress } from "./progress.ts";
import type { KitStore } from "./store/kit-store.ts";

export interface VerifiedKit {
  digest: string;
  blobs: number;
  bytes: number;
}

/** Reads every byte of a kit again. Throws KIT_CORRUPT for the first blob that is not what its digest says. */
export async function verifyKit(options: {
  store: KitStore;
  reference: string;
  signal: AbortSignal;
  onProgress?: Progress | undefined;
}): Promise<VerifiedKit> {
  const { store, signal, onProgress } = options;
  const { descriptor, manifest, kitfile } = await store.read(options.reference);
  const layers = matchLayers(manifest, kitfile);
  const total = layers.reduce((sum, layer) => sum + layer.descriptor.size, 0);
  let done = 0;
  for (const { descriptor: layer, entry } of layers) {
    const onBytes = (count: number): void => {
      done += count;
      onProgress?.({ done, total });
    };
    const path = store.blobPath(layer.digest);
    await readLayer({ path, layer, diffId: entry?.target.diffId, signal, onBytes }, () => Promise.resolve());
  }
  const bytes = total + manifest.config.size + descriptor.size;
  return { digest: descriptor.digest, blobs: layers.length + 2, bytes };
}
