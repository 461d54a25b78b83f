/**
 * Threads for llama.cpp: one core stays free for the terminal and for what the person runs, because one
 * descheduled thread stalls all the others at every step (measured: 11 against 62 tokens a second).
 */
export function threadsFor(cores: number, requested: number | undefined): number {
  return requested ?? Math.max(1, cores - 1);
}
