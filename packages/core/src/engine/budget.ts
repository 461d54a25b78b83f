import type { ScaffoldProfile } from "../ports/scaffold.ts";

/**
 * How a window is shared out, in tokens. Above `trigger` the conversation is shortened; above `limit` it cannot be
 * sent, since `output` is kept free for the reply.
 */
export interface Budget {
  output: number;
  trigger: number;
  limit: number;
}

/** `doubled`: a call did not fit into a reply of the usual length. `ceiling`: what the backend turned out to hold. */
export interface BudgetNeeds {
  doubled: boolean;
  ceiling: number | undefined;
}

const smallestOutput = 256;
const outputShare = 1 / 4;
const triggerShare = 0.75;

/** Shares in proportion to the true window, and never more than the profile wants. */
export function shareWindow(
  { outputTokens, promptTokens }: Pick<ScaffoldProfile, "outputTokens" | "promptTokens">,
  contextSize: number,
  { doubled, ceiling = Infinity }: BudgetNeeds = { doubled: false, ceiling: undefined },
): Budget {
  const half = Math.floor(contextSize / 2);
  const usual = Math.max(smallestOutput, Math.min(outputTokens, Math.floor(contextSize * outputShare)));
  const output = Math.min(doubled ? usual * 2 : usual, half);
  const limit = Math.min(promptTokens, ceiling, contextSize - output);
  const effective = Math.min(contextSize, promptTokens, ceiling);
  return { output, trigger: Math.min(limit, Math.floor(effective * triggerShare)), limit };
}
