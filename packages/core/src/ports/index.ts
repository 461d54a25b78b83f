export { CapabilityRecord, type CapabilityStore, DialectChange, type ModelIdentity } from "./capability.ts";
export { type Clock, systemClock } from "./clock.ts";
export type { ApprovalGate, Verdict } from "./gate.ts";
export type { ModelInfo, ModelPort, ModelRequest, Sampling } from "./model.ts";
export type { ScaffoldProfile } from "./scaffold.ts";
export type { Session, SessionStore, SessionSummary } from "./session-store.ts";
export type { Grounding, GroundQuery, GroundSource, PreparedCall, Tool, ToolOutcome } from "./tool.ts";
