import {
  type AgentEvent,
  type ErrorBody,
  errorKinds,
  exitStatus,
  noUsage,
  type StopReason,
  type Usage,
} from "@trust-cli/core/protocol";

/** One call as `--output-format json` shows it. */
interface CallRecord {
  name: string;
  args: Record<string, unknown>;
  status: string;
  summary: string;
}

/** What a turn came to: the fold that the printers and the exit status share. */
export interface TurnOutcome {
  sessionId: string;
  text: string;
  calls: CallRecord[];
  usage: Usage;
  reason: StopReason;
  refused: number;
  error: ErrorBody | undefined;
}

export function emptyOutcome(): TurnOutcome {
  return { sessionId: "", text: "", calls: [], usage: noUsage, reason: "done", refused: 0, error: undefined };
}

/** Folds one event into the outcome. The text is that of the last reply. */
export function recordEvent(outcome: TurnOutcome, event: AgentEvent): void {
  switch (event.type) {
    case "session-start":
      outcome.sessionId = event.sessionId;
      return;
    case "message":
      if (event.message.role === "assistant") {
        outcome.text = event.message.text;
        for (const { name, args } of event.message.calls) outcome.calls.push({ name, args, status: "", summary: "" });
      }
      if (event.message.role === "tool") {
        const open = outcome.calls.find(({ status }) => status === "");
        if (open !== undefined) Object.assign(open, { status: event.message.status, summary: event.message.summary });
      }
      return;
    case "turn-end":
      outcome.usage = event.usage;
      outcome.reason = event.reason;
      outcome.refused = event.refused;
      outcome.error = event.error;
      return;
    default:
  }
}

/** The contract's exit status for a finished turn. */
export function turnExitStatus({ reason, refused, error }: TurnOutcome): number {
  switch (reason) {
    case "done":
      return refused > 0 ? exitStatus.refused : exitStatus.done;
    case "abort":
      return exitStatus.interrupted;
    case "step-limit":
    case "token-budget":
    case "time-limit":
    case "length":
      return exitStatus.budget;
    case "repetition":
      return exitStatus.failed;
    case "error":
      return error === undefined ? exitStatus.failed : exitStatus[errorKinds[error.code]];
  }
}

/** Why a turn that ran out ended, in a sentence with the next step; undefined when nothing needs saying. */
export function reasonText({ reason, error }: Pick<TurnOutcome, "reason" | "error">): ErrorBody | undefined {
  switch (reason) {
    case "done":
    case "abort":
      return undefined;
    case "error":
      return error;
    case "step-limit":
      return {
        code: "MODEL_FAILED",
        message: "stopped: the limit of steps for one turn is reached",
        hint: "--max-turns N allows more",
      };
    case "time-limit":
      return {
        code: "MODEL_FAILED",
        message: "stopped: the time limit is reached",
        hint: "trust config set limits.minutes N",
      };
    case "token-budget":
      return {
        code: "MODEL_FAILED",
        message: "stopped: the token budget is spent",
        hint: "trust config set limits.outputTokens N",
      };
    case "length":
      return {
        code: "MODEL_FAILED",
        message: "the reply was cut off at the model's output limit",
        hint: "ask for less at once",
      };
    case "repetition":
      return {
        code: "MODEL_FAILED",
        message: "stopped: the model kept repeating one call",
        hint: "ask in other words",
      };
  }
}
