import type { Clock } from "../ports/clock.ts";
import type { ApprovalGate } from "../ports/gate.ts";
import type { ModelInfo, ModelPort } from "../ports/model.ts";
import type { ScaffoldProfile } from "../ports/scaffold.ts";
import type { Tool } from "../ports/tool.ts";
import type { AgentEvent, StopReason } from "../protocol/agent-events.ts";
import type { ErrorBody } from "../protocol/errors.ts";
import type { Message, ToolMessage } from "../protocol/messages.ts";
import { noUsage, type Usage } from "../protocol/model-events.ts";
import type { ToolSignature } from "../protocol/tool-call.ts";
import { append, type Conversation } from "./conversation.ts";
import { RepetitionWatch } from "./repetition.ts";
import type { TurnProgress } from "./stop-rules.ts";

export interface TurnLimits {
  steps: number;
  minutes: number;
  outputTokens: number | undefined;
}

export interface TurnDependencies {
  model: ModelPort;
  tools: readonly Tool[];
  signatures: readonly ToolSignature[];
  gate: ApprovalGate;
  clock: Clock;
  profile: ScaffoldProfile;
  limits: TurnLimits;
}

/** What a turn keeps while it runs. */
export interface Turn {
  dependencies: TurnDependencies;
  conversation: Conversation;
  signal: AbortSignal;
  question: string;
  progress: TurnProgress;
  began: number;
  usage: Usage;
  refused: number;
  repetition: RepetitionWatch;
  /** What the model said of itself, once it was asked in this turn. */
  info: ModelInfo | undefined;
  /** The last successful read, for the evidence beside the answer. */
  lastRead: { message: ToolMessage; source: string } | undefined;
}

/** Why and how a turn ends. */
export interface Ending {
  reason: StopReason;
  error?: ErrorBody;
}

export function startTurn(
  text: string,
  conversation: Conversation,
  dependencies: TurnDependencies,
  signal: AbortSignal,
): Turn {
  return {
    dependencies,
    conversation,
    signal,
    question: text,
    progress: { steps: 0, elapsed: 0, outputTokens: 0, invalidCalls: 0, repeats: 0 },
    began: dependencies.clock.monotonic(),
    usage: noUsage,
    refused: 0,
    repetition: new RepetitionWatch(),
    info: undefined,
    lastRead: undefined,
  };
}

/** A message joins the conversation for good. */
export async function* say(turn: Turn, message: Message): AsyncGenerator<AgentEvent, void, void> {
  append(turn.conversation, message);
  yield { type: "message", message };
}
