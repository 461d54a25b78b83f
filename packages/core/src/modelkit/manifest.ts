import * as z from "zod";

import { type ErrorCode, TrustError } from "../protocol/errors.ts";
import { parseJson } from "../protocol/json.ts";
import { goJson, goString } from "./kitfile/go-json.ts";
import type { LayerKind } from "./kitfile/layers.ts";

export const manifestMediaType = "application/vnd.oci.image.manifest.v1+json";
export const indexMediaType = "application/vnd.oci.image.index.v1+json";
export const configMediaType = "application/vnd.kitops.modelkit.config.v1+json";
const artifactType = "application/vnd.kitops.modelkit.manifest.v1+json";
const kitIndexType = "application/vnd.kitops.modelkit.index.v1+json";
const versionAnnotation = "ml.kitops.modelkit.cli-version";
const subtypeAnnotation = "ml.kitops.modelkit.layer-subtype";
export const filePathAnnotation = "org.cncf.model.filepath";
const fileMetadataAnnotation = "org.cncf.model.file.metadata+json";

/** A manifest has at most 4 MiB in OCI; a config that is larger than this is no Kitfile. */
export const largestManifest = 4 * 2 ** 20;
export const largestConfig = 16 * 2 ** 20;

const annotations = z.record(z.string(), z.string()).optional();
export const Descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hexadecimal digits"),
  size: z.int().nonnegative(),
  annotations,
});
export type Descriptor = z.infer<typeof Descriptor>;

export const Manifest = z.object({
  schemaVersion: z.literal(2),
  artifactType: z.string().optional(),
  config: Descriptor,
  layers: z.array(Descriptor).nullish(),
  annotations,
});
export interface Manifest {
  config: Descriptor;
  layers: Descriptor[];
}

export type Compression = "none" | "gzip" | "zstd";
export interface LayerType {
  kind: LayerKind;
  format: "tar" | "raw";
  compression: Compression;
}

const layerPattern =
  /^application\/vnd\.kitops\.modelkit\.(model|modelpart|code|dataset|docs|mcpb)\.v1\.(tar|raw)(?:\+(gzip|zstd))?$/;

/** What a layer holds and how. Throws KIT_MEDIA_TYPE for one that is not of a kit. */
export function layerType({ mediaType, annotations: notes }: Descriptor): LayerType {
  const [, kind, format, compression = "none"] = layerPattern.exec(mediaType) ?? [];
  if (kind === undefined) throw wrongType(`the layer type ${JSON.stringify(mediaType)} is not one of a ModelKit`);
  const isPrompt = kind === "code" && notes?.[subtypeAnnotation] === "prompt";
  return {
    kind: isPrompt ? "prompt" : kind === "mcpb" ? "mcp" : (kind as LayerKind),
    format: format as LayerType["format"],
    compression: compression as Compression,
  };
}

export function layerMediaType(kind: LayerKind, compression: Compression): string {
  if (kind === "mcp") return "application/vnd.kitops.modelkit.mcpb.v1.raw";
  const base = kind === "prompt" ? "code" : kind;
  return `application/vnd.kitops.modelkit.${base}.v1.tar${compression === "none" ? "" : `+${compression}`}`;
}

/** The annotations that a layer needs beyond its type: what a prompt is, and the path of a raw file. */
export function layerAnnotations(
  kind: LayerKind,
  file: { path: string; mode: number; size: number },
): Record<string, string> | undefined {
  if (kind === "prompt") return { [subtypeAnnotation]: "prompt" };
  if (kind !== "mcp") return undefined;
  const { path, mode, size } = file;
  const metadata = { name: path, mode, uid: 0, gid: 0, size, mtime: "1970-01-01T00:00:00Z", typeflag: 0 };
  return { [fileMetadataAnnotation]: JSON.stringify(metadata), [filePathAnnotation]: path };
}

/** The manifest byte for byte as `kit` 1.7 writes it. Nothing in it changes from one packing to the next. */
export function manifestJson({ config, layers }: Manifest): string {
  const descriptor = ({ mediaType, digest, size, annotations: notes }: Descriptor): string => {
    const end = notes === undefined ? "" : `,"annotations":${goJson(notes)}`;
    return `{"mediaType":${goString(mediaType)},"digest":"${digest}","size":${size}${end}}`;
  };
  const list = layers.length === 0 ? "null" : `[${layers.map(descriptor).join(",")}]`;
  const notes = goJson({ [versionAnnotation]: "unknown" });
  return `{"schemaVersion":2,"config":${descriptor(config)},"layers":${list},"annotations":${notes}}`;
}

const Kind = z.object({
  artifactType: z.string().optional(),
  config: z.object({ mediaType: z.string() }).optional(),
  manifests: z.unknown().optional(),
});

/** Reads a manifest; KIT_MEDIA_TYPE when it is of something else than a ModelKit. */
export function parseManifest(json: string, source: string, code: ErrorCode = "KIT_CORRUPT"): Manifest {
  checkKind(parseJson(json, Kind, source, code), source);
  const { config, layers } = parseJson(json, Manifest, source, code);
  for (const layer of layers ?? []) layerType(layer);
  return { config, layers: layers ?? [] };
}

function checkKind({ artifactType: type, config, manifests }: z.infer<typeof Kind>, source: string): void {
  if (type === kitIndexType || manifests !== undefined) {
    throw wrongType(`${source} is an index of several kits`, "name one of them by its digest: REPOSITORY@sha256:…");
  }
  if (type === artifactType || config?.mediaType === configMediaType) return;
  const found = type ?? config?.mediaType ?? "nothing";
  throw wrongType(`${source} is not a ModelKit: it says ${JSON.stringify(found)}`);
}

function wrongType(message: string, hint?: string): TrustError {
  return new TrustError("KIT_MEDIA_TYPE", message, { hint });
}
