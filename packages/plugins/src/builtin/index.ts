import type { PluginManifest } from "../manifest/index.ts";
import licences from "./licences/trust-plugin.json" with { type: "json" };
import todo from "./todo/trust-plugin.json" with { type: "json" };

export interface BuiltInPlugin {
  /** Its folder here, and its file in the bundle. */
  name: string;
  manifest: PluginManifest;
}

/** The plugins that come with Trust. Their manifests name every field, so that no start has to check them. */
export const builtInPlugins = [
  { name: "licences", manifest: licences },
  { name: "todo", manifest: todo },
] as readonly unknown[] as readonly BuiltInPlugin[];
