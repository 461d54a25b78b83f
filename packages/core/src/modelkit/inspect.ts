import { parseUnknownJson } from "../protocol/json.ts";
import { matchLayers } from "./kit-layers.ts";
import { configJson } from "./kitfile/config-json.ts";
import { formatReference, parseReference } from "./reference.ts";
import type { KitStore } from "./store/kit-store.ts";

/** What a kit holds, as plain JSON values. */
export interface KitDescription {
  reference: string;
  digest: string;
  /** Bytes of all layers. */
  size: number;
  kitfile: unknown;
  layers: { kind: string; path: string | undefined; mediaType: string; digest: string; size: number }[];
}

/** Reads the manifest and Kitfile of a kit; layers are not read. */
export async function inspectKit(store: KitStore, reference: string): Promise<KitDescription> {
  const { descriptor, manifest, kitfile } = await store.read(reference);
  const layers = matchLayers(manifest, kitfile).map(({ descriptor: layer, kind, entry }) => {
    const { mediaType, digest, size } = layer;
    return { kind, path: entry?.path, mediaType, digest, size };
  });
  return {
    reference: formatReference(parseReference(reference)),
    digest: descriptor.digest,
    size: layers.reduce((sum, { size }) => sum + size, 0),
    kitfile: parseUnknownJson(configJson(kitfile), `config ${manifest.config.digest}`),
    layers,
  };
}
