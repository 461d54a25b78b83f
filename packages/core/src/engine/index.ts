export { type CallDependencies, executeCall } from "./call.ts";
export { append, type Conversation, createConversation } from "./conversation.ts";
export { type SubAgentParts, taskTool } from "./sub-agent.ts";
export { systemPrompt } from "./system-prompt.ts";
export { runTurn, type Said } from "./turn.ts";
export type { AnswerForm, TurnDependencies, TurnLimits } from "./turn-state.ts";
export { compact, type Fit, fitWindow } from "./window.ts";
