export { type ModelReference, type ReferencePlace, resolveModelReference } from "./model-reference.ts";
export { ollamaUrl } from "./ollama-host.ts";
