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
  const bundle = await readBundle(registry.codeFolder(plugin.value));
  if (!bundle.ok) throw bundle.error;
  if (bundle.value.manifest.id !== id) {
    throw new TrustError("PLUGIN_INVALID", `the files of ${id} now are those of ${bundle.value.manifest.id}`, {
      hint: "trust plugin install FOLDER",
    });
  }
  return consent(registry, plugin.value, bundle.value, options);
}
