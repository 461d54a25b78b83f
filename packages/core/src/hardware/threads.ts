/**
 * Threads for llama.cpp: one core stays free for the terminal and for what the person runs, because one
 * descheduled thread stalls all the others at every step (reported: 11 to 13 against 62 to 65 tokens a second with one of two cores busy).
 */
export function threadsFor(cores: number, requested: number | undefined): number {
  return requested ?? Math.max(1, cores - 1);
}
