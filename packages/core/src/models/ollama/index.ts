export {
  ollamaIdentity,
  type OllamaModelPlace,
  type PullProgress,
  pullOllamaModel,
  unloadOllamaModel,
} from "./manage-models.ts";
export { createOllamaModel, type OllamaModelOptions } from "./ollama-model.ts";
export { type OllamaModelFacts, showOllamaModel } from "./show-model.ts";
