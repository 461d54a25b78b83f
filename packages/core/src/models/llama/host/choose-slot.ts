import type { Running } from "./running.ts";
import { commonPrefix, type Slot } from "./slot.ts";

/**
 * The slot that holds most of the job's tokens; where none holds much, the one that its conversation had, and otherwise
 * the one that was not used for longest.
 */
export function bestSlot(free: readonly Slot[], { pending, job }: Running): Slot | undefined {
  const shared = (slot: Slot): number => commonPrefix(slot.tokens, pending);
  const holds = free.toSorted((a, b) => shared(b) - shared(a))[0];
  if (holds === undefined) return undefined;
  const isContinued = shared(holds) >= Math.max(1, holds.tokens.length / 2);
  if (isContinued) return holds;
  const own = free.find(({ conversation }) => conversation !== undefined && conversation === job.conversation);
  return own ?? free.toSorted((a, b) => a.lastUsed - b.lastUsed)[0];
}
