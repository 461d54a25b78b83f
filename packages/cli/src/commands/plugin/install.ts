import { resolve } from "node:path";

import { TrustError } from "@trust-cli/core/protocol";
import { builtInPlugins } from "@trust-cli/plugins/builtin";
import { readBundle } from "@trust-cli/plugins/registry";

import { createApp } from "../../composition/app.ts";
import { pluginRegistry } from "../../composition/plugins.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { consent } from "./consent.ts";

export async function installPlugin(folder: string, options: SharedOptions): Promise<number> {
  const app = await createApp(options, false);
  const bundle = await readBundle(resolve(folder));
  if (!bundle.ok) throw bundle.error;
  const { id } = bundle.value.manifest;
  if (builtInPlugins.some(({ manifest }) => manifest.id === id)) {
    throw new TrustError("PLUGIN_INVALID", `a plugin named ${id} comes with Trust`, { hint: "give yours another id" });
  }
  refuseTakenNames(
    id,
    bundle.value.manifest.contributes.tools.map(({ name }) => name),
    app.toolsFor(undefined),
  );
  const registry = pluginRegistry(app.paths.data);
  const plugin = await registry.install(bundle.value);
  if (!plugin.ok) throw plugin.error;
  const { digest } = bundle.value;
  if (plugin.value.approved?.digest === digest) {
    printResult(
      options.json,
      { id, digest, approved: true },
      () => `${id} is approved already, with these very files\n`,
    );
    return 0;
  }
  return consent(registry, plugin.value, bundle.value, options);
}

/** An earlier version of the same plugin has the same names. */
function refuseTakenNames(id: string, names: readonly string[], tools: readonly { name: string }[]): void {
  const taken = tools.find((tool) => names.includes(tool.name) && originOf(tool) !== `plugin ${id}`);
  if (taken === undefined) return;
  throw new TrustError("PLUGIN_INVALID", `there already is a tool named ${taken.name}`, {
    hint: "trust tools list shows the names that are taken",
  });
}

const originOf = (tool: object): unknown => ("origin" in tool ? tool.origin : undefined);
