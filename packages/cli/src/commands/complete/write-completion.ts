import type { InfillModel, InfillRequest } from "@trust-cli/core/models";

export const usualTokens = 128;

/** A completion as scripts and editors get it. `tokens` were written; `reusedTokens` of the code were known already. */
export interface WrittenCompletion {
  text: string;
  reason: "stop" | "length" | "abort";
  tokens: number;
  reusedTokens: number;
  milliseconds: number;
}

export async function writeCompletion(
  model: InfillModel,
  request: Omit<InfillRequest, "sampling">,
  signal: AbortSignal,
): Promise<WrittenCompletion> {
  const began = performance.now();
  const written: WrittenCompletion = { text: "", reason: "abort", tokens: 0, reusedTokens: 0, milliseconds: 0 };
  for await (const event of model.complete({ ...request, sampling: { temperature: 0 } }, signal)) {
    if (event.type === "text-delta") written.text += event.delta;
    else {
      written.reason = event.reason;
      written.tokens = event.usage.outputTokens;
      written.reusedTokens = event.usage.reusedTokens;
    }
  }
  written.milliseconds = Math.round(performance.now() - began);
  return written;
}
