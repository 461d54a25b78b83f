import type { Machine } from "./machine.ts";

/** Whole cores on which a thread of llama.cpp runs at full speed: every step waits for the slowest thread. */
export const computeCores = ({ cores, performanceCores }: Pick<Machine, "cores" | "performanceCores">): number =>
  Math.max(1, Math.min(cores, performanceCores));

/** Threads to begin with: as many as are asked for, otherwise all of `cores`; `nextThreads` yields by measured load. */
export function threadsFor(cores: number, requested: number | undefined): number {
  return requested ?? Math.max(1, cores);
}

export interface ThreadState {
  threads: number;
  /** Samples in a row that allowed more threads. */
  calmSamples: number;
}

/** Taken every quarter of a second or so. Loads are in cores. */
export interface LoadSample {
  /** From `computeCores`. */
  usableCores: number;
  /** How many of them other programs keep busy. */
  otherLoad: number;
  /** How many our own commands were said to need; they count among other programs once they run. */
  ownCommandCores: number;
  /** The best number of threads on an idle machine. */
  best: number;
}

/** Loads below this share of a core are the noise of an idle system. */
const noise = 0.25;
/** About a second of calm at four samples a second. */
const calmSamplesNeeded = 4;

/**
 * The number of threads from now on: at least one, never more than there are free cores, down at once and up only after
 * a second in which more were free, so that it does not flap.
 */
export function nextThreads(state: ThreadState, sample: LoadSample): ThreadState {
  const allowed = allowedThreads(sample);
  if (allowed <= state.threads) return { threads: allowed, calmSamples: 0 };
  const calmSamples = state.calmSamples + 1;
  return calmSamples < calmSamplesNeeded
    ? { threads: state.threads, calmSamples }
    : { threads: allowed, calmSamples: 0 };
}

function allowedThreads({ usableCores, otherLoad, ownCommandCores, best }: LoadSample): number {
  const busy = Math.ceil(Math.max(0, otherLoad, ownCommandCores) - noise);
  return Math.max(1, Math.min(best, usableCores - busy));
}
