export type { ChatController, InUse, ModelChoice, ModelInUse } from "./controller.ts";
export { runChat } from "./run-chat.tsx";
