import { type LayerEntry, type LayerKind, layersOf } from "./kitfile/layers.ts";
import type { Kitfile } from "./kitfile/shape.ts";
import { type Descriptor, layerType, type Manifest } from "./manifest.ts";

/** A layer of a stored kit with the entry of the Kitfile that it belongs to, when there is one. */
export interface KitLayer {
  descriptor: Descriptor;
  kind: LayerKind;
  entry: LayerEntry | undefined;
  /** Kits of the first versions: the entry has no digest, and paths begin at the folder of its path. */
  isLegacy: boolean;
}

/** Finds the entry of each layer by digest, and for kits without digests by their order. */
export function matchLayers({ layers }: Manifest, kitfile: Kitfile): KitLayer[] {
  const left = new Set(layersOf(kitfile));
  return layers.map((descriptor) => {
    const { kind } = layerType(descriptor);
    const candidates = [...left].filter((entry) => entry.kind === kind);
    const exact = candidates.find(({ target }) => target.digest === descriptor.digest);
    const legacy = candidates.find(({ target }) => target.digest === undefined);
    const entry = exact ?? legacy;
    if (entry !== undefined) left.delete(entry);
    return { descriptor, kind, entry, isLegacy: exact === undefined && legacy !== undefined };
  });
}
