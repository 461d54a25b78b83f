export { inputCheck, type InputSchema } from "./input-schema.ts";
export {
  describePermissions,
  manifestFile,
  type Permissions,
  permissionsHash,
  PluginManifest,
  type PluginToolManifest,
  readGlobs,
} from "./manifest.ts";
