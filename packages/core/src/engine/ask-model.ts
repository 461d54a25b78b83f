import type { ModelInfo } from "../ports/model.ts";
import type { AgentEvent } from "../protocol/agent-events.ts";
import { AsyncQueue } from "../protocol/async-queue.ts";
import { errorBody, isAbort, TrustError } from "../protocol/errors.ts";
import type { Message } from "../protocol/messages.ts";
import { addUsage } from "../protocol/model-events.ts";
import { foldReply, type Reply } from "./reply.ts";
import type { Ending, Turn } from "./turn-state.ts";
import { fitWindow } from "./window.ts";

/**
 * One step's reply: fits the conversation into the window and folds the model's stream. A TrustError or an
 * abort becomes the turn's ending; anything else is a bug and goes on.
 */
export async function* askModel(turn: Turn): AsyncGenerator<AgentEvent, Reply | Ending, void> {
  try {
    return yield* ask(turn);
  } catch (error) {
    if (turn.signal.aborted && isAbort(error)) return { reason: "abort" };
    if (error instanceof TrustError) return { reason: "error", error: errorBody(error) };
    throw error;
  }
}

async function* ask(turn: Turn): AsyncGenerator<AgentEvent, Reply, void> {
  const { model, signatures, profile } = turn.dependencies;
  const { contextSize } = yield* describeModel(turn);
  const maxTokens = Math.min(profile.outputTokens, Math.floor(contextSize / 4));
  const budget = Math.min(profile.promptTokens, contextSize - maxTokens);
  const count = (messages: readonly Message[]): Promise<number> =>
    model.countTokens({ messages, tools: signatures }, turn.signal);
  const fit = await fitWindow(turn.conversation, budget, count);
  if (fit.compaction !== undefined) yield { type: "compaction", ...fit.compaction };
  const step = ++turn.progress.steps;
  yield { type: "step-start", step, contextTokens: fit.tokens, contextSize };
  const request = {
    messages: [...turn.conversation.view],
    tools: signatures,
    toolChoice: "auto",
    maxTokens,
    sampling: profile.sampling,
  } as const;
  const reply = yield* foldReply(model.stream(request, turn.signal));
  turn.usage = addUsage(turn.usage, reply.usage);
  turn.progress.outputTokens += reply.usage.outputTokens;
  yield { type: "step-end", step, usage: reply.usage, tokensPerSecond: reply.tokensPerSecond };
  return reply;
}

export const isEmpty = ({ message }: Reply): boolean => message.text === "" && message.calls.length === 0;

/** Loads the model when it is not in memory yet, and says how far that is. */
async function* describeModel(turn: Turn): AsyncGenerator<AgentEvent, ModelInfo, void> {
  if (turn.info !== undefined) return turn.info;
  const progress = new AsyncQueue<number>();
  const described = turn.dependencies.model
    .describe(turn.signal, (fraction) => progress.push(fraction))
    .finally(() => progress.end());
  described.catch(() => undefined);
  for await (const fraction of progress) yield { type: "model-load", fraction };
  turn.info = await described;
  return turn.info;
}

/** How a reply ends the turn; undefined when its calls must be answered first. */
export function endOfReply(reply: Reply): Ending | undefined {
  switch (reply.finish) {
    case "abort":
      return { reason: "abort" };
    case "error":
      return { reason: "error", error: reply.error ?? { code: "MODEL_FAILED", message: "the model failed" } };
    case "length":
      return reply.message.calls.length > 0 ? undefined : { reason: "length" };
    case "stop":
    case "calls":
      return reply.message.calls.length > 0 ? undefined : { reason: "done" };
  }
}
