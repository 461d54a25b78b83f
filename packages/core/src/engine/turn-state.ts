import type { Clock } from "../ports/clock.ts";
import type { ApprovalGate } from "../ports/gate.ts";
import type { ModelInfo, ModelPort } from "../ports/model.ts";
import type { ScaffoldProfile } from "../ports/scaffold.ts";
import type { Grounding, Tool } from "../ports/tool.ts";
import type { AgentEvent, StopReason } from "../protocol/agent-events.ts";
import type { ErrorBody } from "../protocol/errors.ts";
import type { Message, ToolMessage } from "../protocol/messages.ts";
import { addUsage, noUsage, type Usage } from "../protocol/model-events.ts";
import type { JsonSchema, ToolCall, ToolChoice, ToolSignature } from "../protocol/tool-call.ts";
import { append, type Conversation } from "./conversation.ts";
import type { Trace } from "./loops.ts";
import { RepetitionWatch } from "./repetition.ts";
import { RetryLadder } from "./retry-ladder.ts";
import type { TurnProgress } from "./stop-rules.ts";

export interface TurnLimits {
  steps: number;
  minutes: number;
  outputTokens: number | undefined;
}

/** A call in the form its tool wants, or what is wrong with it; `call` is as far as it could be repaired. */
export type MendCall = (
  call: ToolCall,
) => { ok: true; call: ToolCall } | { ok: false; call: ToolCall; errors: string[] };

/** What a turn's answer must be: one JSON value of a schema. `errorsOf` says what is wrong with one, a line each. */
export interface AnswerForm {
  schema: JsonSchema;
  errorsOf(value: unknown): string[];
}

export interface TurnDependencies {
  model: ModelPort;
  tools: readonly Tool[];
  signatures: readonly ToolSignature[];
  gate: ApprovalGate;
  clock: Clock;
  profile: ScaffoldProfile;
  limits: TurnLimits;
  /** Applied to every call of the model, before anything else sees it. */
  mendCall: MendCall;
  /** Asked only for models whose profile says so. */
  grounding?: Grounding;
  /** What the project's checks have against the changes of this turn; undefined for nothing. */
  review?: (signal: AbortSignal) => Promise<string | undefined>;
  answer?: AnswerForm;
}

/** What was already done in this turn to help a model on. */
interface Recovery {
  /** What the next request alone is held to. */
  forced: ToolChoice | undefined;
  outputDoubled: boolean;
  /** Tokens of the last prompt that the backend found too long. */
  refusedTokens: number | undefined;
  overflows: number;
  retriedSilence: boolean;
  askedForNext: boolean;
  downgraded: boolean;
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
  /** Calls that were run, in order, and what the replies that made calls said beside them. */
  traces: Trace[];
  texts: string[];
  ladder: RetryLadder;
  recovery: Recovery;
  /** The size of the last prompt, in tokens. */
  promptTokens: number;
  /** What the model said of itself; undefined before it is asked, and when it may have changed. */
  info: ModelInfo | undefined;
  /** The last successful read, for the evidence beside the answer. */
  lastRead: { message: ToolMessage; source: string } | undefined;
  /** Calls that may have changed files. */
  changes: number;
  /** How often they were checked, and how many there were the last time. */
  reviewed: { times: number; changes: number };
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
    progress: { steps: 0, elapsed: 0, outputTokens: 0, invalidCalls: 0, repeats: 0, isLooping: false },
    began: dependencies.clock.monotonic(),
    usage: noUsage,
    refused: 0,
    repetition: new RepetitionWatch(),
    traces: [],
    texts: [],
    ladder: new RetryLadder(),
    recovery: {
      forced: undefined,
      outputDoubled: false,
      refusedTokens: undefined,
      overflows: 0,
      retriedSilence: false,
      askedForNext: false,
      downgraded: false,
    },
    promptTokens: 0,
    info: undefined,
    lastRead: undefined,
    changes: 0,
    reviewed: { times: 0, changes: 0 },
  };
}

/** A message joins the conversation for good. */
export async function* say(turn: Turn, message: Message): AsyncGenerator<AgentEvent, void, void> {
  append(turn.conversation, message);
  yield { type: "message", message };
}

export function countUsage(turn: Turn, usage: Usage): void {
  turn.usage = addUsage(turn.usage, usage);
  turn.progress.outputTokens += usage.outputTokens;
}
