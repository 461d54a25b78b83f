import type { StopReason } from "../protocol/agent-events.ts";

/** What a stop rule may look at. Times in milliseconds. */
export interface TurnProgress {
  steps: number;
  elapsed: number;
  outputTokens: number;
  invalidCalls: number;
  repeats: number;
  isLooping: boolean;
}

export type StopRule = (progress: TurnProgress) => StopReason | undefined;

export const afterSteps =
  (limit: number): StopRule =>
  ({ steps }) =>
    steps >= limit ? "step-limit" : undefined;

export const afterMinutes =
  (limit: number): StopRule =>
  ({ elapsed }) =>
    elapsed >= limit * 60_000 ? "time-limit" : undefined;

export const afterOutputTokens =
  (limit: number): StopRule =>
  ({ outputTokens }) =>
    outputTokens >= limit ? "token-budget" : undefined;

/** The same call with the same result this often: the model is going in circles. */
export const afterRepeats =
  (limit: number): StopRule =>
  ({ repeats }) =>
    repeats >= limit ? "repetition" : undefined;

/** Calls or texts come round in circles. */
export const whenLooping: StopRule = ({ isLooping }) => (isLooping ? "repetition" : undefined);

export const afterInvalidCalls =
  (limit: number): StopRule =>
  ({ invalidCalls }) =>
    invalidCalls >= limit ? "error" : undefined;

export function firstStop(rules: readonly StopRule[], progress: TurnProgress): StopReason | undefined {
  for (const rule of rules) {
    const reason = rule(progress);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
