import { builtInPlugins } from "@trust-cli/plugins/builtin";
import type { PluginManifest } from "@trust-cli/plugins/manifest";
import { type PluginRegistry, readBundle, stateOf } from "@trust-cli/plugins/registry";

import { createAppToLook } from "../../composition/app.ts";
import { pluginRegistry } from "../../composition/plugins.ts";
import { printResult, type SharedOptions } from "../command.ts";

interface Row {
  id: string;
  version: string;
  state: string;
  license: string;
  tools: string[];
  /** The version that waits for approval, while this one stays in use. */
  update?: string;
}

export async function listPlugins(options: SharedOptions): Promise<number> {
  const { paths } = await createAppToLook(options);
  const rows = [
    ...builtInPlugins.map(({ manifest }) => rowOf(manifest, "built-in")),
    ...(await installedRows(pluginRegistry(paths.data))),
  ];
  printResult(options.json, rows, () =>
    rows
      .map(
        ({ id, version, state, tools, update }) =>
          `${id.padEnd(20)} ${version.padEnd(8)} ${state.padEnd(10)} ${tools.join(", ")}${waiting(id, update)}\n`,
      )
      .join(""),
  );
  return 0;
}

const waiting = (id: string, update: string | undefined): string =>
  update === undefined ? "" : ` (${update} waits: trust plugin approve ${id})`;

/** Reads the files too, so that a change shows before a call is refused. */
async function installedRows(registry: PluginRegistry): Promise<Row[]> {
  const index = await registry.read();
  if (!index.ok) throw index.error;
  const { plugins, strikes } = index.value;
  return Promise.all(
    plugins.map(async (plugin) => {
      const state = stateOf(plugin, strikes);
      const bundle = await readBundle(registry.codeFolder(plugin));
      const isSame = bundle.ok && bundle.value.digest === plugin.digest;
      const row = rowOf(plugin.manifest, isSame || state === "waiting" ? state : "changed");
      return plugin.update === undefined ? row : { ...row, update: plugin.update.manifest.version };
    }),
  );
}

function rowOf({ id, version, license, contributes }: PluginManifest, state: string): Row {
  return { id, version, state, license, tools: contributes.tools.map(({ name }) => name) };
}
