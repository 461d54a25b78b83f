import { TrustError } from "../../protocol/errors.ts";
import {
  type Descriptor,
  largestConfig,
  largestManifest,
  manifestMediaType,
  type Manifest,
  parseManifest,
} from "../manifest.ts";
import type { Progress } from "../progress.ts";
import { formatReference, type KitReference, parseReference } from "../reference.ts";
import type { KitStore } from "../store/kit-store.ts";
import { digestOf } from "../store/work.ts";
import { bytesOf, RegistryClient } from "./client.ts";
import { readCredentials } from "./credentials.ts";
import { downloadBlob } from "./download.ts";
import { inParallel } from "./pool.ts";

/** How this machine talks to registries. */
export interface Network {
  /** Files of Docker's format to sign in with, the first that knows the registry wins. */
  credentialFiles: readonly string[];
  /** Allows unencrypted connections beyond this machine. */
  plainHttp: boolean;
  /** Refuses every registry but those on this machine. */
  offline: boolean;
  /** Silence that counts as a broken connection. Default: 30 seconds. */
  stallMilliseconds?: number;
  /** The first pause before another try; later ones double. Default: 500 ms. */
  backoffMilliseconds?: number;
}

export interface PullOptions {
  store: KitStore;
  reference: string;
  network: Network;
  signal: AbortSignal;
  onProgress?: Progress | undefined;
}

export interface PulledKit {
  reference: string;
  digest: string;
  layers: number;
  bytes: number;
}

const atOnce = 5;
const accepted = `${manifestMediaType}, application/vnd.oci.image.index.v1+json`;

/** Brings a kit into the store: its blobs first, each checked against its digest, then its name. */
export async function pullKit({
  store,
  reference: text,
  network,
  signal,
  onProgress,
}: PullOptions): Promise<PulledKit> {
  const reference = parseReference(text);
  await using client = await connect(reference, network, ["pull"]);
  const { json, descriptor } = await fetchManifest(client, reference, signal);
  const manifest = parseManifest(json, formatReference(reference), "REGISTRY_FAILED");
  if (manifest.config.size > largestConfig) {
    throw new TrustError(
      "KIT_MEDIA_TYPE",
      `${formatReference(reference)} has a config that is too large for a Kitfile`,
    );
  }
  await using work = await store.beginWork(signal);
  const blobs = uniqueBlobs(manifest);
  const report = blobProgress(blobs, onProgress);
  await inParallel(blobs, atOnce, signal, (blob, blobSignal) =>
    downloadBlob(blob, {
      client,
      store,
      work,
      repository: reference.repository,
      signal: blobSignal,
      onBytes: (here) => report(blob, here),
    }),
  );
  await work.keepText(json);
  await store.readDescriptor(descriptor);
  await store.add([reference], descriptor, signal);
  const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
  return { reference: formatReference(reference), digest: descriptor.digest, layers: manifest.layers.length, bytes };
}

/** Throws OFFLINE, USAGE or REFUSED before anything is sent. */
export async function connect(
  { registry, repository }: KitReference,
  network: Network,
  actions: readonly string[],
  mountFrom?: string,
): Promise<RegistryClient> {
  const { credentialFiles, ...options } = network;
  const scopes = [`repository:${repository}:${actions.join(",")}`];
  if (mountFrom !== undefined) scopes.push(`repository:${mountFrom}:pull`);
  return new RegistryClient({
    registry,
    scopes,
    credentials: await readCredentials(credentialFiles, registry),
    ...options,
  });
}

/** Blobs of a manifest, each once. */
export function uniqueBlobs({ config, layers }: Manifest): Descriptor[] {
  return [...new Map([config, ...layers].map((blob) => [blob.digest, blob])).values()];
}

/** Adds up what is there of each blob. When one begins anew, the sum waits until it is past where it was. */
export function blobProgress(
  blobs: readonly Descriptor[],
  onProgress: Progress | undefined,
): (blob: Descriptor, done: number) => void {
  const total = blobs.reduce((sum, { size }) => sum + size, 0);
  const each = new Map<string, number>();
  let shown = 0;
  return ({ digest }, done) => {
    each.set(digest, done);
    const sum = [...each.values()].reduce((all, one) => all + one, 0);
    if (sum <= shown) return;
    shown = sum;
    onProgress?.({ done: sum, total });
  };
}

async function fetchManifest(
  client: RegistryClient,
  reference: KitReference,
  signal: AbortSignal,
): Promise<{ json: string; descriptor: Descriptor }> {
  const name = formatReference(reference);
  const url = `/v2/${reference.repository}/manifests/${reference.digest ?? reference.tag ?? "latest"}`;
  const answer = await client.expect({ method: "GET", url, what: name, headers: { accept: accepted }, signal }, 200);
  const told = answer.headers["docker-content-digest"];
  const bytes = await bytesOf(answer, largestManifest).catch((error: unknown) => {
    throw client.explain(name, error);
  });
  if (bytes.length > largestManifest) throw new TrustError("KIT_MEDIA_TYPE", `the manifest of ${name} is too large`);
  const digest = digestOf(bytes);
  for (const expected of [reference.digest, told]) {
    if (typeof expected === "string" && expected.startsWith("sha256:") && expected !== digest) {
      throw new TrustError("KIT_CORRUPT", `the registry sent another manifest for ${name}: ${digest}, not ${expected}`);
    }
  }
  const descriptor = { mediaType: manifestMediaType, digest, size: bytes.length };
  return { json: bytes.toString("utf8"), descriptor };
}
