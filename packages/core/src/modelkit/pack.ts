import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import { BlobWriter } from "./blob-writer.ts";
import { readIgnoreRules } from "./ignore.ts";
import { checkKitfile } from "./kitfile/check.ts";
import { configJson } from "./kitfile/config-json.ts";
import { type LayerEntry, layersOf } from "./kitfile/layers.ts";
import { readKitfile } from "./kitfile/read.ts";
import type { Kitfile } from "./kitfile/shape.ts";
import {
  configMediaType,
  type Descriptor,
  layerAnnotations,
  layerMediaType,
  manifestJson,
  manifestMediaType,
} from "./manifest.ts";
import { checkServerBundle } from "./mcp-bundle.ts";
import type { Progress } from "./progress.ts";
import { formatReference, type KitReference } from "./reference.ts";
import type { KitStore } from "./store/kit-store.ts";
import type { StoreWork } from "./store/work.ts";
import { fileChunks, type SourceEntry, tarChunks } from "./tar/write.ts";
import { layerEntries } from "./tree.ts";

export interface PackOptions {
  store: KitStore;
  folder: string;
  /** The Kitfile, when it is not the one in the folder. */
  kitfile?: string | undefined;
  /** The names that the kit gets. */
  references: readonly KitReference[];
  compression?: "none" | "gzip";
  signal: AbortSignal;
  onProgress?: Progress | undefined;
}

export interface PackedKit {
  references: string[];
  digest: string;
  layers: Descriptor[];
  warnings: string[];
}

/** Packs a folder as its Kitfile says. Reads every file once, and keeps the same bytes as `kit` would. */
export async function packKit(options: PackOptions): Promise<PackedKit> {
  const { store, signal, references } = options;
  const folder = resolve(options.folder);
  const { kitfile, source } = await readKitfile(folder, options.kitfile);
  const warnings = checkKitfile(kitfile, source);
  const planned = await planLayers(folder, kitfile, { normaliseModes: false, signal });
  for (const { layer, entries } of planned) {
    if (!entries.some(({ isFolder }) => !isFolder)) warnings.push(`the ${layer.kind} layer ${layer.path} has no files`);
  }
  const files = planned.flatMap(({ entries }) => entries);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const onBytes = (count: number): void => {
    done += count;
    options.onProgress?.({ done, total });
  };
  await using work = await store.beginWork(signal);
  const layers: Descriptor[] = [];
  for (const plan of planned) {
    layers.push(await packLayer(plan, { work, compression: options.compression ?? "none", signal, onBytes }));
  }
  const config = { mediaType: configMediaType, ...(await work.keepText(configJson(kitfile))) };
  const manifest = await work.keepText(manifestJson({ config, layers }));
  await store.add(references, { mediaType: manifestMediaType, ...manifest }, signal);
  return { references: references.map(formatReference), digest: manifest.digest, layers, warnings };
}

export interface PlannedLayer {
  layer: LayerEntry;
  entries: SourceEntry[];
}

/** What each layer of a Kitfile will hold. */
export async function planLayers(
  folder: string,
  kitfile: Kitfile,
  { normaliseModes, signal }: { normaliseModes: boolean; signal: AbortSignal },
): Promise<PlannedLayer[]> {
  const layers = layersOf(kitfile);
  const layerPaths = layers.map(({ path }) => path);
  const rules = await readIgnoreRules(folder);
  const planned: PlannedLayer[] = [];
  for (const layer of layers) {
    if (layer.kind === "mcp") await checkServerBundle(join(folder, layer.path), layer.path);
    const entries = await layerEntries(layer.path, { folder, layerPaths, rules, normaliseModes, signal });
    planned.push({ layer, entries });
  }
  return planned;
}

interface Packing {
  work: StoreWork;
  compression: "none" | "gzip";
  signal: AbortSignal;
  onBytes: (count: number) => void;
}

async function packLayer({ layer, entries }: PlannedLayer, packing: Packing): Promise<Descriptor> {
  const isRaw = layer.kind === "mcp";
  const compression = isRaw ? "none" : packing.compression;
  const file = entries.at(-1);
  const chunks =
    isRaw && file !== undefined
      ? fileChunks(file, packing.signal, packing.onBytes)
      : tarChunks(entries, packing.signal, packing.onBytes);
  const { digest, diffId, size } = await writeLayer(chunks, compression, packing.work);
  layer.target.digest = digest;
  layer.target.diffId = diffId;
  const annotations = layerAnnotations(layer.kind, { path: layer.path, mode: file?.mode ?? 0o644, size });
  const mediaType = layerMediaType(layer.kind, compression);
  return { mediaType, digest, size, ...(annotations === undefined ? {} : { annotations }) };
}

async function writeLayer(
  chunks: AsyncGenerator<Buffer>,
  compression: "none" | "gzip",
  work: StoreWork,
): Promise<{ digest: string; diffId: string; size: number }> {
  const temporary = work.temporaryPath();
  let packed: { digest: string; size: number };
  let diffId: string | undefined;
  {
    await using writer = await BlobWriter.create(temporary);
    if (compression === "none") {
      for await (const chunk of chunks) await writer.write(chunk);
    } else {
      diffId = await compressInto(writer, chunks);
    }
    packed = await writer.finish();
  }
  await work.keep(temporary, packed.digest);
  return { ...packed, diffId: diffId ?? packed.digest };
}

/** Gives the digest of what goes in. */
async function compressInto(writer: BlobWriter, chunks: AsyncGenerator<Buffer>): Promise<string> {
  const hash = createHash("sha256");
  const copies = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield Buffer.from(chunk);
    }
  };
  await pipeline(Readable.from(copies()), createGzip(), async (compressed: AsyncIterable<Buffer>) => {
    for await (const chunk of compressed) await writer.write(chunk);
  });
  return `sha256:${hash.digest("hex")}`;
}
