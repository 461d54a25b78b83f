export { describeArguments, describePermissions } from "./in-words.ts";
export { inputCheck, type InputSchema } from "./input-schema.ts";
export {
  manifestFile,
  type Permissions,
  permissionsHash,
  PluginManifest,
  type PluginToolManifest,
  readGlobs,
} from "./manifest.ts";
