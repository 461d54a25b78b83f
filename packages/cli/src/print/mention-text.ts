import type { MentionNote } from "@trust-cli/core/mentions";

/** A rough measure that fits code. */
const charactersPerToken = 3.5;

/** `@src/a.ts ≈120 tokens (the last 40 lines are left out)`. */
export function mentionText({ raw, characters, note }: MentionNote): string {
  const size = characters === 0 ? "" : ` ≈${sizeText(Math.ceil(characters / charactersPerToken))} tokens`;
  return `${raw}${size}${note === undefined ? "" : ` (${note})`}`;
}

const sizeText = (tokens: number): string => (tokens < 1000 ? `${tokens}` : `${(tokens / 1000).toFixed(1)}k`);
