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

/** `doubled`: a call did not fit into a reply of the usual length. `refused`: a prompt of so many tokens did not fit. */
export interface BudgetNeeds {
  doubled: boolean;
  refused: number | undefined;
}

const smallestOutput = 256;
const outputShare = 1 / 4;
const triggerShare = 0.75;
/** A backend that holds less than it says gets at most this share of what it refused. */
const refusedShare = 0.6;

/** Shares in proportion to the true window, and never more than the profile wants. */
export function shareWindow(
  { outputTokens, promptTokens }: Pick<ScaffoldProfile, "outputTokens" | "promptTokens">,
  contextSize: number,
  { doubled, refused = Infinity }: BudgetNeeds = { doubled: false, refused: undefined },
): Budget {
  const half = Math.floor(contextSize / 2);
  const usual = Math.max(smallestOutput, Math.min(outputTokens, Math.floor(contextSize * outputShare)));
  const output = Math.min(doubled ? usual * 2 : usual, half);
  const honest = Math.min(promptTokens, contextSize - output);
  // What is refused although it should fit gives the window away; what should not have been sent says nothing.
  const ceiling = refused <= honest ? Math.floor(refused * refusedShare) : Infinity;
  const limit = Math.min(honest, ceiling);
  const effective = Math.min(contextSize, promptTokens, ceiling);
  return { output, trigger: Math.min(limit, Math.floor(effective * triggerShare)), limit };
}
