import type { TrustPaths } from "@trust-cli/core/config";
import type { ModelReference } from "@trust-cli/core/models";

import { readBuiltInKit } from "./built-in-kit.ts";

/** The file with a model's weights; those of a kit are taken out of it once. Undefined for a server's. Throws KIT_MISSING. */
export async function weightsPath(
  reference: ModelReference,
  paths: TrustPaths,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (reference.kind === "nano") return readBuiltInKit().path;
  if (reference.kind === "file") return reference.path;
  if (reference.kind !== "kit") return undefined;
  const { openKitModel } = await import("./kit-model.ts");
  return openKitModel(reference.reference, paths, { signal, onLoad: undefined });
}
