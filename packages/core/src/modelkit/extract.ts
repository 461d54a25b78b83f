import { posix } from "node:path";

import { TrustError } from "../protocol/errors.ts";
import type { KitLayer } from "./kit-layers.ts";
import { readLayer } from "./layer-reader.ts";
import { filePathAnnotation, layerType } from "./manifest.ts";
import type { Staging } from "./staging.ts";
import type { KitStore } from "./store/kit-store.ts";
import { TarReader } from "./tar/read.ts";

export interface ExtractOptions {
  store: KitStore;
  staging: Staging;
  /** Which files, by their name relative to the Kitfile's folder. */
  wanted: (name: string) => boolean;
  signal: AbortSignal;
  onBytes: (count: number) => void;
}

/** Writes the files of a layer into the staging folder. Throws KIT_CORRUPT after the last byte when it is damaged. */
export async function extractLayer(kitLayer: KitLayer, options: ExtractOptions): Promise<void> {
  const { descriptor, entry, isLegacy } = kitLayer;
  const { staging, store, signal, onBytes } = options;
  const { digest } = descriptor;
  const reading = { path: store.blobPath(digest), layer: descriptor, diffId: entry?.target.diffId, signal, onBytes };
  try {
    if (layerType(descriptor).format === "raw") {
      const raw = { name: rawName(kitLayer), mode: 0o644, size: descriptor.size, isFolder: false };
      await staging.take({ type: "entry", entry: raw }, digest, options.wanted);
      await readLayer(reading, (bytes) => staging.take({ type: "data", bytes }, digest, options.wanted));
      await staging.take({ type: "end" }, digest, options.wanted);
      return;
    }
    const base = isLegacy && entry !== undefined ? posix.dirname(entry.path) : ".";
    const archive = new TarReader(digest);
    await readLayer(reading, async (piece) => {
      for (const event of archive.push(piece)) {
        const placed = event.type === "entry" && base !== "." ? below(base, event) : event;
        await staging.take(placed, digest, options.wanted);
      }
    });
    archive.finish();
  } finally {
    staging.close();
  }
}

type EntryEvent = Extract<Parameters<Staging["take"]>[0], { type: "entry" }>;

/** Joined without resolving `..`, which must still be seen and refused. */
function below(base: string, { type, entry }: EntryEvent): EntryEvent {
  return { type, entry: { ...entry, name: entry.name.startsWith("/") ? entry.name : `${base}/${entry.name}` } };
}

function rawName({ descriptor, entry }: KitLayer): string {
  const name = descriptor.annotations?.[filePathAnnotation] ?? entry?.path;
  if (name !== undefined) return name;
  throw new TrustError("KIT_INVALID", `nothing says which file the layer ${descriptor.digest} is`);
}
