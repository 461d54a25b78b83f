import { createHash } from "node:crypto";

import { TrustError } from "../protocol/errors.ts";
import { checkKitfile } from "./kitfile/check.ts";
import { configJson, parseConfigJson } from "./kitfile/config-json.ts";
import { readKitfile } from "./kitfile/read.ts";
import { configMediaType, type Descriptor, layerMediaType, manifestJson, parseManifest } from "./manifest.ts";
import { planLayers, type PlannedLayer } from "./pack.ts";
import { digestOf } from "./store/work.ts";
import { tarChunks } from "./tar/write.ts";

/** The manifest and config of a kit as they are committed beside its files. */
export interface KitTexts {
  manifest: string;
  config: string;
}

/** What packing a folder would give, with modes made 644 and 755; nothing is stored. */
export async function describeUnpackedKit(folder: string, signal: AbortSignal): Promise<KitTexts> {
  const { kitfile, source } = await readKitfile(folder, undefined);
  checkKitfile(kitfile, source);
  const layers: Descriptor[] = [];
  for (const plan of await planLayers(folder, kitfile, { normaliseModes: true, signal })) {
    const { digest, size } = await tarDigest(plan, signal);
    plan.layer.target.digest = digest;
    plan.layer.target.diffId = digest;
    layers.push({ mediaType: layerMediaType(plan.layer.kind, "none"), digest, size });
  }
  const config = configJson(kitfile);
  const described = { mediaType: configMediaType, digest: digestOf(config), size: Buffer.byteLength(config) };
  return { config, manifest: manifestJson({ config: described, layers }) };
}

/**
 * Are the files of an unpacked kit those that were packed? Reads them all; modes count as 644 and 755, as a checkout
 * may change them. Throws KIT_CORRUPT naming what differs.
 */
export async function verifyUnpackedKit(
  directory: string,
  { manifest, config }: KitTexts,
  signal: AbortSignal,
): Promise<{ digest: string; files: number }> {
  const parsed = parseManifest(manifest, "the kit's manifest");
  if (digestOf(config) !== parsed.config.digest) throw differs("its config is not the one of its manifest");
  const kitfile = parseConfigJson(config, "the kit's config");
  const planned = await planLayers(directory, kitfile, { normaliseModes: true, signal }).catch((cause: unknown) => {
    if (!(cause instanceof TrustError)) throw cause;
    throw differs(cause.message, cause);
  });
  if (planned.length !== parsed.layers.length) throw differs("its manifest has another number of layers");
  let files = 0;
  for (const [index, plan] of planned.entries()) {
    const { digest } = await tarDigest(plan, signal);
    if (digest !== parsed.layers[index]?.digest) throw differs(`${plan.layer.path} is not what was packed`);
    files += plan.entries.filter(({ isFolder }) => !isFolder).length;
  }
  return { digest: digestOf(manifest), files };
}

async function tarDigest({ entries }: PlannedLayer, signal: AbortSignal): Promise<{ digest: string; size: number }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of tarChunks(entries, signal, () => undefined)) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { digest: `sha256:${hash.digest("hex")}`, size };
}

function differs(what: string, cause?: unknown): TrustError {
  return new TrustError("KIT_CORRUPT", `the unpacked kit was changed: ${what}`, {
    hint: "install it again",
    ...(cause === undefined ? {} : { cause }),
  });
}
