import type { ErrorBody } from "./errors.ts";
import type { ToolCall } from "./tool-call.ts";

/** Token counts of one model request. `reused` prompt tokens came from the prefix cache. */
export interface Usage {
  promptTokens: number;
  reusedTokens: number;
  outputTokens: number;
}

export const noUsage: Usage = { promptTokens: 0, reusedTokens: 0, outputTokens: 0 };

export const addUsage = (a: Usage, b: Usage): Usage => ({
  promptTokens: a.promptTokens + b.promptTokens,
  reusedTokens: a.reusedTokens + b.reusedTokens,
  outputTokens: a.outputTokens + b.outputTokens,
});

export type FinishReason = "stop" | "calls" | "length" | "abort" | "error";

/** What a dialect's parser makes of generated text. */
export type ParsedEvent =
  | { type: "text-delta"; delta: string }
  | { type: "thought-delta"; delta: string }
  | { type: "call-start"; id: string; name: string }
  | { type: "call-delta"; id: string; delta: string }
  | { type: "call-end"; call: ToolCall }
  | { type: "call-invalid"; id: string; raw: string; errors: string[]; truncated: boolean };

/**
 * Where a conversation is no longer what the cache holds: at which token, how many must be read again, and a few words
 * of both texts there.
 */
export interface PrefixBreak {
  at: number;
  lost: number;
  was: string;
  now: string;
}

/** How far the prompt is read, in tokens. `source`: where the reused ones came from, told once. */
export interface Prefill {
  type: "prefill";
  done: number;
  total: number;
  reused: number;
  source?: "memory" | "disk";
  broke?: PrefixBreak;
}

/**
 * What a ModelPort yields. A stream ends with exactly one `finish`, also after an abort or an error. After a
 * `model-restart` that is `again`, the reply begins anew: what came before no longer counts. `notice` is for people.
 */
export type ModelEvent =
  | ParsedEvent
  | { type: "model-load"; fraction: number }
  | Prefill
  | { type: "model-restart"; reason: string; again?: true }
  | { type: "notice"; text: string }
  | { type: "finish"; reason: FinishReason; usage: Usage; tokensPerSecond?: number; error?: ErrorBody };
