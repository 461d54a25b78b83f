import { TrustError } from "../protocol/errors.ts";
import type { Message } from "../protocol/messages.ts";
import { shorteningSteps } from "./compaction.ts";
import type { Conversation } from "./conversation.ts";

/** Once compaction is needed it goes down to this share of the budget, so that it is rarely needed. */
const compactionTarget = 0.6;

export type CountTokens = (messages: readonly Message[]) => Promise<number>;

export interface Fit {
  tokens: number;
  compaction?: { stubbed: number; dropped: number; tokensBefore: number; tokensAfter: number };
}

/**
 * Makes the conversation's view fit into `budget` tokens, counted by the model itself.
 * Throws CONTEXT_FULL when even the shortest form does not fit: nothing is ever cut silently.
 */
export async function fitWindow(conversation: Conversation, budget: number, count: CountTokens): Promise<Fit> {
  const tokens = await count(conversation.view);
  if (tokens <= budget) return { tokens };
  const compaction = await compact(conversation, Math.floor(budget * compactionTarget), count);
  if (compaction.tokensAfter > budget) throw contextFull(compaction.tokensAfter, budget);
  return { tokens: compaction.tokensAfter, compaction: { ...compaction, tokensBefore: tokens } };
}

/** Shortens the view step by step until it has at most `target` tokens or nothing more can be given up. */
export async function compact(
  conversation: Conversation,
  target: number,
  count: CountTokens,
): Promise<NonNullable<Fit["compaction"]>> {
  const tokensBefore = await count(conversation.view);
  const total = { stubbed: 0, dropped: 0, tokensBefore, tokensAfter: tokensBefore };
  for (const step of shorteningSteps) {
    while (total.tokensAfter > target) {
      const shorter = step(conversation.view);
      if (shorter === undefined) break;
      conversation.view = shorter.messages;
      total.stubbed += shorter.stubbed;
      total.dropped += shorter.dropped;
      total.tokensAfter = await count(conversation.view);
    }
  }
  return total;
}

function contextFull(tokens: number, budget: number): TrustError {
  return new TrustError(
    "CONTEXT_FULL",
    `the prompt needs ${tokens} tokens even in its shortest form, but this model's window leaves ${budget} for it`,
    { hint: "ask about a smaller part, use a model with a larger window (/model), or start afresh (/clear)" },
  );
}
