import { TrustError } from "@trust-cli/core/protocol";
import { readBundle } from "@trust-cli/plugins/registry";

import { createAppToLook } from "../../composition/app.ts";
import { pluginRegistry } from "../../composition/plugins.ts";
import type { SharedOptions } from "../command.ts";
import { consent } from "./consent.ts";

export async function approvePlugin(id: string, options: SharedOptions): Promise<number> {
  const { paths } = await createAppToLook(options);
  const registry = pluginRegistry(paths.data);
  const plugin = await registry.find(id);
  if (!plugin.ok) throw plugin.error;
  const { manifest, digest } = plugin.value.update ?? plugin.value;
  const bundle = await readBundle(registry.codeFolder({ manifest, digest }));
  const hint = "install it again: trust plugin install FOLDER";
  if (!bundle.ok)
    throw new TrustError("PLUGIN_INVALID", `the files of ${id} are damaged: ${bundle.error.message}`, { hint });
  const { id: found } = bundle.value.manifest;
  if (found !== id) throw new TrustError("PLUGIN_INVALID", `the files of ${id} now are those of ${found}`, { hint });
  return consent(registry, plugin.value, bundle.value, options);
}
