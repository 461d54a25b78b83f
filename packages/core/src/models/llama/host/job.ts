import type { Prefill } from "../../../protocol/model-events.ts";
import type { AddonSampler, Token } from "./addon.ts";

export type PrefillProgress = Omit<Prefill, "type">;

/** What follows a sampled token: the end, or more sampling after these forced tokens (mostly none). */
export type Step = "stop" | { forced: readonly Token[] };

/** One request for text, as the decode loop sees it. */
export interface Job {
  priority: number;
  signal: AbortSignal;
  /** At least one token. */
  prompt: readonly Token[];
  /** So many tokens at the front are shared by many conversations: worth a file of their own. */
  stable: number;
  conversation: string | undefined;
  /** Configured anew before each token: a grammar may have been armed. */
  sampler(): AddonSampler;
  /** Neither a grammar nor penalties nor chance: a sample does not depend on those before it. */
  samplesAreIndependent: boolean;
  drafter: Drafter | undefined;
  onPrefill(progress: PrefillProgress): void;
  take(token: Token): Step;
}

export interface JobOutcome {
  reused: number;
  aborted: boolean;
  drafted: number;
  accepted: number;
}

/** Guesses what follows. Whatever it guesses, the text is the same; only the time differs. */
export interface Drafter {
  /** The conversation up to here goes on with these tokens. */
  push(tokens: readonly Token[]): void;
  guess(limit: number): Promise<readonly Token[]> | readonly Token[];
  learn(step: { drafted: number; accepted: number; milliseconds: number }): void;
  dispose(): void;
}
