export { createOllamaModel, type OllamaModelOptions } from "./ollama-model.ts";
export { type OllamaModelFacts, showOllamaModel } from "./show-model.ts";
