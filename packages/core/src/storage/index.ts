export { createCapabilityStore } from "./capability-store.ts";
export { acquireLock } from "./lock.ts";
export { missingResults } from "./repair-conversation.ts";
export { createSessionStore } from "./session-store.ts";
export { newSessionId } from "./session-id.ts";
