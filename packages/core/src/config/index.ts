export type { ConfigExplanation, Layer, LayerSource, ResolvedConfig } from "./layers.ts";
export { configReference, type ConfigSources, explainConfig, getConfigValue, loadConfig } from "./load.ts";
export {
  createProfile,
  listProfiles,
  locateNamedProfile,
  type ProfileFile,
  readProfile,
  removeProfile,
} from "./profiles.ts";
export { managedFolder, type TrustPaths, trustPaths } from "./paths.ts";
export type { Config, SettingKey } from "./settings.ts";
export { setConfigValue, userConfigFile } from "./write.ts";
export { parseYaml } from "./yaml.ts";
