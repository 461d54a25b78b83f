import type { ApprovalDecision, ApprovalRequest, Risk } from "../protocol/agent-events.ts";
import type { ToolCall } from "../protocol/tool-call.ts";

/** `rule` is what decided, and `grant` what a yes for the session would cover, both in words for people. */
export interface Verdict {
  effect: "allow" | "ask" | "deny";
  rule: string;
  grant: string;
}

/** The one approval gate. `decide` is pure and never waits; `ask` waits for a person. */
export interface ApprovalGate {
  decide(call: ToolCall, risk: Risk, subject: string, deniedWith?: readonly string[]): Verdict;
  ask(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalDecision>;
}
