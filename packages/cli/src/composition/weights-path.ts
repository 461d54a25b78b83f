import type { TrustPaths } from "@trust-cli/core/config";
import { type ModelReference, resolveModelReference } from "@trust-cli/core/models";
import { TrustError } from "@trust-cli/core/protocol";

import { readBuiltInKit } from "./built-in-kit.ts";
import type { Settings } from "./settings.ts";

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

/** The same for a model as a person named it. Throws USAGE when its weights are not on this machine. */
export async function namedWeightsPath(
  name: string,
  { workspace, environment, paths }: Settings,
  signal: AbortSignal,
): Promise<string> {
  const reference = await resolveModelReference(name, { cwd: workspace.root, environment });
  const path = await weightsPath(reference, paths, signal);
  if (path !== undefined) return path;
  throw new TrustError("USAGE", `the weights of ${name} are with its server`, {
    hint: "name a GGUF file, kit://NAME or nano",
  });
}
