export { type CallDependencies, executeCall } from "./call.ts";
export { append, type Conversation, createConversation } from "./conversation.ts";
export { systemPrompt } from "./system-prompt.ts";
export { runTurn } from "./turn.ts";
export type { AnswerForm, TurnDependencies, TurnLimits } from "./turn-state.ts";
export { compact, type Fit, fitWindow } from "./window.ts";
