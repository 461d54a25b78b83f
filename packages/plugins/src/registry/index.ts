export { noPluginFolder, type PluginBundle, readBundle } from "./bundle.ts";
export { type InstalledPlugin, PluginRegistry, type PluginState, stateOf, strikesUntilDisabled } from "./registry.ts";
