import type { AddonContext, Token } from "./addon.ts";
import type { Running } from "./running.ts";
import type { Samples } from "./samples.ts";
import type { Slot } from "./slot.ts";

export type SampledPart = Part & { samples: Samples };

export interface Part {
  running: Running;
  slot: Slot;
  tokens: readonly Token[];
  /** How many of them were pending; the rest are drafts. */
  count: number;
  /** How many of the last tokens need logits. */
  logits: number;
}

export function addToBatch(context: AddonContext, { slot, tokens, logits }: Part): Uint32Array {
  const places = Uint32Array.from({ length: logits }, (_, index) => tokens.length - logits + index);
  return context.addToBatch(slot.id, slot.tokens.length, Uint32Array.from(tokens), places);
}
