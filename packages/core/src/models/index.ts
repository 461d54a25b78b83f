export { type ModelReference, ollamaUrl, type ReferencePlace, resolveModelReference } from "./catalog/index.ts";
export { type GgufHeader, readGgufHeader } from "./gguf/index.ts";
export type { HostEntry, SharedHost } from "./llama/host-entry.ts";
export {
  type HostStatus,
  readHostLog,
  sharedHostStatus,
  stopSharedHost,
  unloadFromSharedHost,
} from "./llama/shared-host.ts";
export { sharedHostPlace } from "./llama/shared-host-place.ts";
export { createLlamaModel, type LlamaModel, type LlamaModelOptions } from "./llama/llama-model.ts";
export {
  createInfillModel,
  type InfillEvent,
  type InfillFinish,
  type InfillModel,
  type InfillRequest,
} from "./llama/infill-model.ts";
export { createSpeedModel, type SpeedModel, type TimedReply } from "./llama/speed-model.ts";
export { createVectorModel, type VectorModel, type VectorModelOptions } from "./llama/vector-model-client.ts";
export { acceptsTexts } from "./llama/grammar-check.ts";
export { fitModel, type ModelFit } from "./llama/fit-model.ts";
export { type HostDevices, hostDevices } from "./llama/host-devices.ts";
export { tellHosts } from "./llama/open-hosts.ts";
export { createNativeRenderer } from "./llama/native-renderer.ts";
export {
  nanoProfile,
  overrideProfile,
  profileForServer,
  profileForSize,
  refineProfile,
  type ScaffoldOverrides,
  serverProfile,
} from "./profile/index.ts";
export {
  type ChatTemplate,
  createFormatCache,
  type FormatCache,
  openChatTemplate,
  TemplateEngine,
  type TemplateWorkerEntry,
} from "./templates/index.ts";
