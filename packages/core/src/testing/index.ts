export {
  type FakeOllamaModel,
  type FakeOllamaOptions,
  type FakeOllamaServer,
  fakeOllamaServer,
} from "./fake-ollama-server.ts";
export { type FakeOpenAiServer, fakeOpenAiServer, type FakeServerOptions } from "./fake-openai-server.ts";
export type { FakeRequest } from "./fake-server.ts";
export { type ManualClock, manualClock } from "./manual-clock.ts";
export { type DockerRegistry, dockerRegistry } from "./docker-registry.ts";
export { hasLlamaServer, type RealLlamaServer, realLlamaServer } from "./real-llama-server.ts";
export { realLlamaTools } from "./real-llama-tools.ts";
export { hasRealOllama, type RealOllama, realOllama } from "./real-ollama.ts";
export { callTool, fail, say, saySlowly, type ScriptReply, type ScriptStep, think, wait } from "./script.ts";
export { randomGguf, type RandomGgufOptions, scriptedGguf, type ScriptedGgufOptions } from "./scripted-gguf.ts";
export type { GgufShape } from "./scripted-tensors.ts";
export { type ScriptedModel, scriptedModel, type ScriptedModelOptions } from "./scripted-model.ts";
export { childProcesses, openTerminal, residentMiB, type TerminalOptions, type TerminalProgram } from "./terminal.ts";
export { temporaryJournal } from "./temporary-journal.ts";
export { type TemporaryWorkspace, temporaryWorkspace } from "./temporary-workspace.ts";
