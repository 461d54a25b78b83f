export { createCapabilityStore } from "./capability-store.ts";
export { type Db, guarded, type Migrations, openDatabase } from "./database.ts";
export { acquireLock } from "./lock.ts";
export { missingResults } from "./repair-conversation.ts";
export { createSessionStore } from "./session-store.ts";
export { newSessionId } from "./session-id.ts";
