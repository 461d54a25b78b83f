import type { ErrorBody } from "./errors.ts";
import type { Message, ToolStatus } from "./messages.ts";
import type { ParsedEvent, Prefill, Usage } from "./model-events.ts";
import type { PlanItem } from "./plan.ts";
import type { ToolCall } from "./tool-call.ts";

/** A file as it is, and as it would be; a removed one becomes empty. */
export interface FileDiff {
  path: string;
  before: string;
  after: string;
  isNew: boolean;
  isRemoved?: true;
}

/** What a call is going to do, complete: what a person reads before saying yes. */
export type Preview =
  | ({ kind: "diff" } & FileDiff)
  | { kind: "changes"; files: readonly FileDiff[] }
  | { kind: "command"; command: string; cwd: string };

export type Risk = "read" | "change" | "command";

/**
 * `subject` is the argument that matters, for one line of a tool card. `rule` is what made us ask, `grant` what a
 * yes for the session covers, such as "changes in src/cart".
 */
export interface ApprovalRequest {
  call: ToolCall;
  risk: Risk;
  subject: string;
  preview: Preview | undefined;
  rule: string;
  grant: string;
}

export type ApprovalDecision = { decision: "yes" } | { decision: "yes-session" } | { decision: "no"; reason: string };

export type StopReason =
  | "done"
  | "step-limit"
  | "token-budget"
  | "time-limit"
  | "repetition"
  | "length"
  | "abort"
  | "error";

/** Lines of a tool result that a person should see beside the answer of a model that misreads. */
export interface Evidence {
  callId: string;
  source: string;
  lines: { number: number | undefined; text: string }[];
}

/**
 * Everything that happens in a turn, in order. Front ends, stores and tests are folds over these.
 * A turn begins with `turn-start` and ends with exactly one `turn-end`, also after abort or error.
 * `message` says that a message joined the conversation for good: persist it before asking for the next event.
 */
export type AgentEvent =
  | { type: "session-start"; sessionId: string; model: string; mode: string; cwd: string; version: string }
  | { type: "turn-start"; turn: number }
  | { type: "step-start"; step: number; contextTokens: number; contextSize: number }
  | { type: "model-load"; fraction: number }
  | { type: "model-restart"; reason: string; again?: true }
  | Prefill
  | ParsedEvent
  | { type: "step-end"; step: number; usage: Usage; tokensPerSecond: number | undefined }
  | { type: "approval-start"; request: ApprovalRequest }
  | { type: "approval-end"; callId: string; decision: ApprovalDecision }
  | { type: "tool-start"; call: ToolCall; subject: string; preview: Preview | undefined }
  | { type: "tool-delta"; callId: string; delta: string }
  | { type: "tool-end"; callId: string; status: ToolStatus; summary: string; text: string; milliseconds: number }
  /** The whole plan, each time it changes. */
  | { type: "plan"; items: readonly PlanItem[] }
  | { type: "evidence"; evidence: Evidence }
  | { type: "compaction"; stubbed: number; dropped: number; tokensBefore: number; tokensAfter: number }
  | { type: "notice"; text: string }
  | { type: "message"; message: Message }
  | { type: "turn-end"; reason: StopReason; usage: Usage; refused: number; error?: ErrorBody };

/** Makes a forgotten case of a closed union a type error. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
