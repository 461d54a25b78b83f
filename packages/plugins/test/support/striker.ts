import { PluginRegistry } from "@trust-cli/plugins/registry";

/** Counts twenty crashes in the folder that it is given. */
const registry = new PluginRegistry(process.argv[2] ?? "");
for (let count = 0; count < 20; count++) {
  const result = await registry.strike("code");
  if (!result.ok) throw result.error;
}
