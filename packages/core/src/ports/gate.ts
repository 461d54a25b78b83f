import type { ApprovalDecision, ApprovalRequest, Risk } from "../protocol/agent-events.ts";
import type { ToolCall } from "../protocol/tool-call.ts";

/** `rule` is the rule that decided, in words that `trust policy explain` also uses. */
export interface Verdict {
  effect: "allow" | "ask" | "deny";
  rule: string;
}

/** The one approval gate. `decide` is pure and never waits; `ask` waits for a person. */
export interface ApprovalGate {
  decide(call: ToolCall, risk: Risk, subject: string): Verdict;
  ask(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalDecision>;
}
