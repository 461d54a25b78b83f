import type { Clock } from "../ports/clock.ts";

export interface ManualClock extends Clock {
  advance(milliseconds: number): void;
}

/** A clock that stands still until it is advanced. `start` in milliseconds since the epoch. */
export function manualClock(start = Date.UTC(2030, 0, 1)): ManualClock {
  let elapsed = 0;
  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    advance(milliseconds) {
      elapsed += milliseconds;
    },
  };
}
