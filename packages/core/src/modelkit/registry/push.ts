import { manifestMediaType, largestManifest } from "../manifest.ts";
import type { Progress } from "../progress.ts";
import { formatReference, parseReference } from "../reference.ts";
import { sizeOf } from "../store/files.ts";
import { corrupt, type KitStore } from "../store/kit-store.ts";
import { discard } from "./client.ts";
import { inParallel } from "./pool.ts";
import { blobProgress, connect, type Network, uniqueBlobs } from "./pull.ts";
import { type Uploaded, uploadBlob } from "./upload.ts";

export interface PushOptions {
  store: KitStore;
  /** A kit of the store. */
  source: string;
  /** Its name in the registry. */
  target: string;
  network: Network;
  signal: AbortSignal;
  onProgress?: Progress | undefined;
  /** Blobs that are larger go in pieces of this size. Default: 100 MiB. */
  pieceSize?: number;
}

export interface PushedKit {
  reference: string;
  digest: string;
  /** How many blobs were sent, mounted from another repository, or there already. */
  blobs: Record<Uploaded, number>;
}

const atOnce = 3;

/** Brings a kit to a registry: its blobs first, then its manifest, so that its name never points at less than all. */
export async function pushKit(options: PushOptions): Promise<PushedKit> {
  const { store, signal, network } = options;
  const target = parseReference(options.target);
  const source = parseReference(options.source);
  const { descriptor, manifest } = await store.read(options.source);
  const isNear = source.registry === target.registry && source.repository !== target.repository;
  const mountFrom = isNear ? source.repository : undefined;
  await using client = await connect(target, network, ["pull", "push"], mountFrom);
  const counts: PushedKit["blobs"] = { sent: 0, mounted: 0, there: 0 };
  const blobs = uniqueBlobs(manifest);
  const report = blobProgress(blobs, options.onProgress);
  await inParallel(blobs, atOnce, signal, async (blob, blobSignal) => {
    const { registry, repository } = target;
    const { pieceSize } = options;
    const onBytes = (there: number): void => report(blob, there);
    const path = store.blobPath(blob.digest);
    if ((await sizeOf(path)) !== blob.size) throw corrupt(blob.digest, "is damaged or missing");
    const uploading = { client, registry, repository, mountFrom, signal: blobSignal, onBytes, pieceSize };
    counts[await uploadBlob(path, blob, uploading)]++;
    report(blob, blob.size);
  });
  const json = await store.readText(descriptor, largestManifest);
  const url = `/v2/${target.repository}/manifests/${target.digest ?? target.tag ?? "latest"}`;
  const headers = { "content-type": manifestMediaType };
  const what = `uploading the manifest of ${formatReference(target)}`;
  await discard(await client.expect({ method: "PUT", url, what, headers, body: () => json, signal }, 201));
  return { reference: formatReference(target), digest: descriptor.digest, blobs: counts };
}
