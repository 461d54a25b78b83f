import type { AgentEvent } from "../protocol/agent-events.ts";
import { isEmpty } from "./ask-model.ts";
import { shortenLastResult } from "./compaction.ts";
import type { Reply } from "./reply.ts";
import type { Ending, Turn } from "./turn-state.ts";

const toleratedOverflows = 2;

/**
 * What to do about a reply that says nothing: `again` asks once more under better terms, an ending gives up, and
 * undefined means that there is nothing to recover from. No way is tried without end.
 */
export async function* recover(
  turn: Turn,
  reply: Reply,
): AsyncGenerator<AgentEvent, "again" | Ending | undefined, void> {
  if (!isEmpty(reply) || turn.signal.aborted) return undefined;
  if (reply.finish === "error") return yield* recoverFromOverflow(turn, reply);
  return reply.finish === "stop" || reply.finish === "calls" ? yield* recoverFromSilence(turn) : undefined;
}

/**
 * The backend holds less than it said, or another one took its place: it is asked for its window again, and the
 * conversation is shortened for it, not cut by it.
 */
export async function* recoverFromOverflow(
  turn: Turn,
  reply: Reply,
): AsyncGenerator<AgentEvent, "again" | undefined, void> {
  if (reply.error?.code !== "CONTEXT_FULL" || turn.recovery.overflows >= toleratedOverflows) return undefined;
  turn.recovery.overflows++;
  turn.recovery.refusedTokens = turn.promptTokens;
  turn.info = undefined;
  yield { type: "notice", text: "The prompt did not fit into the model's context: it is shortened and sent again." };
  return "again";
}

async function* recoverFromSilence(turn: Turn): AsyncGenerator<AgentEvent, "again" | Ending, void> {
  if (turn.recovery.retriedSilence) return { reason: "error", error: silent };
  turn.recovery.retriedSilence = true;
  const isShorter = shortenLastResult(turn.conversation);
  const how = isShorter ? "the last result is shortened and it is asked again" : "it is asked again";
  yield { type: "notice", text: `The model's reply was empty: ${how}.` };
  return "again";
}

const silent = {
  code: "MODEL_FAILED",
  message: "the model gave an empty reply, twice",
  hint: "ask in other words, or choose another model",
} as const;
