export { createOpenAiModel, type OpenAiModelOptions } from "./openai-model.ts";
export { serverIdentity } from "./server-identity.ts";
