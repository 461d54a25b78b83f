import type { AgentEvent, StopReason } from "../protocol/agent-events.ts";
import type { ErrorBody } from "../protocol/errors.ts";
import { isSaidByPerson, type UserMessage } from "../protocol/messages.ts";
import { answerCalls } from "./answer-calls.ts";
import { askModel, endOfReply, isAnswer, isEmpty } from "./ask-model.ts";
import { type Conversation, keepLastTurns } from "./conversation.ts";
import { evidenceFor } from "./evidence.ts";
import { giveValue } from "./give-value.ts";
import { recover } from "./recover.ts";
import type { Reply } from "./reply.ts";
import { reviewChanges } from "./review-changes.ts";
import {
  afterInvalidCalls,
  afterMinutes,
  afterOutputTokens,
  afterRepeats,
  afterSteps,
  firstStop,
  type StopRule,
  whenLooping,
} from "./stop-rules.ts";
import { type Ending, say, startTurn, type Turn, type TurnDependencies, type TurnLimits } from "./turn-state.ts";

const tolerated = { repeats: 5, invalidCalls: 5 };

/** What the person said, with what goes along with it. */
export type Said = Pick<UserMessage, "text" | "attached" | "origin">;

/**
 * One turn: the person's text, then replies and tool results until a reply has no calls or a stop rule fires.
 * Yields every event in order and ends with exactly one `turn-end`, also after abort and errors.
 */
export async function* runTurn(
  said: Said,
  conversation: Conversation,
  dependencies: TurnDependencies,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent, void, void> {
  const turn = startTurn(said.text, conversation, dependencies, signal);
  const { earlierTurns } = dependencies.profile;
  if (earlierTurns !== undefined) keepLastTurns(conversation, earlierTurns);
  const number = conversation.log.filter(isSaidByPerson).length + 1;
  yield { type: "turn-start", turn: number };
  yield* say(turn, { role: "user", ...said });
  const ending = yield* steps(turn);
  yield { type: "turn-end", usage: turn.usage, refused: turn.refused, ...ending };
}

async function* steps(turn: Turn): AsyncGenerator<AgentEvent, Ending, void> {
  const rules = stopRules(turn.dependencies.limits);
  while (true) {
    if (turn.signal.aborted) return { reason: "abort" };
    const reply = yield* askModel(turn);
    if ("reason" in reply) return reply;
    const ending = yield* settle(turn, reply);
    if (turn.signal.aborted) return { reason: "abort" };
    if (ending !== undefined) {
      const goesOn = ending.reason === "done" && (yield* reviewChanges(turn));
      if (turn.signal.aborted) return { reason: "abort" };
      if (ending.reason === "done" && !goesOn) yield* showEvidence(turn);
      if (!goesOn) return ending;
    }
    turn.progress.elapsed = turn.dependencies.clock.monotonic() - turn.began;
    const stop = firstStop(rules, turn.progress);
    if (stop !== undefined) return { reason: stop, ...stopError(stop) };
  }
}

/** Takes a reply into the conversation and answers its calls; undefined when the model is to be asked again. */
async function* settle(turn: Turn, reply: Reply): AsyncGenerator<AgentEvent, Ending | undefined, void> {
  const recovery = yield* recover(turn, reply);
  if (recovery !== undefined) return recovery === "again" ? undefined : recovery;
  const { answer } = turn.dependencies;
  if (answer !== undefined && isAnswer(reply)) return yield* giveValue(turn, reply, answer);
  if (!isEmpty(reply)) yield* say(turn, reply.message);
  if (reply.message.calls.length > 0) yield* answerCalls(turn, reply);
  return endOfReply(reply);
}

function stopRules(limits: TurnLimits): StopRule[] {
  return [
    afterInvalidCalls(tolerated.invalidCalls),
    afterRepeats(tolerated.repeats),
    whenLooping,
    afterSteps(limits.steps),
    afterMinutes(limits.minutes),
    ...(limits.outputTokens === undefined ? [] : [afterOutputTokens(limits.outputTokens)]),
  ];
}

function stopError(stop: StopReason): { error?: ErrorBody } {
  if (stop !== "error") return {};
  const message = "the model wrote calls that could not be run, five times in a row";
  return { error: { code: "MODEL_FAILED", message, hint: "ask in other words, or choose a stronger model" } };
}

async function* showEvidence(turn: Turn): AsyncGenerator<AgentEvent, void, void> {
  if (!turn.dependencies.profile.showEvidence || turn.lastRead === undefined) return;
  const { message, source } = turn.lastRead;
  const evidence = evidenceFor(turn.question, message, source);
  if (evidence.lines.length > 0) yield { type: "evidence", evidence };
}
