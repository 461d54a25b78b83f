export { type ModelReference, ollamaUrl, type ReferencePlace, resolveModelReference } from "./catalog/index.ts";
export { type GgufHeader, readGgufHeader } from "./gguf/index.ts";
export type { HostEntry } from "./llama/host-connection.ts";
export { createLlamaModel, type LlamaModel, type LlamaModelOptions } from "./llama/llama-model.ts";
export { nanoProfile, profileForSize, serverProfile } from "./profile/index.ts";
