export type { ChatController, ModelInUse } from "./controller.ts";
export { runChat } from "./run-chat.tsx";
