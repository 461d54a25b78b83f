/** What is known of a request when a batch is put together. Counts in tokens. */
export interface Candidate {
  priority: number;
  /** Not yet evaluated; a request that writes has one, or a few that were forced. */
  pending: number;
  /** Its prompt is read: it writes. */
  writing: boolean;
  drafted: number;
  /** The number of the step that served it last. */
  served: number;
}

/** Requests of a lower priority wait while there is one of at least this one. */
const foreground = 3;

/**
 * How many pending tokens of each candidate go into the next batch. Those that write come first, all of them, so that
 * nobody's text stops while another's prompt is read; then one chunk of prompts, by priority and then in turns.
 * Background work waits for people.
 */
export function shareBatch(
  candidates: readonly Candidate[],
  { batch, chunk }: { batch: number; chunk: number },
): number[] {
  const shares = candidates.map(() => 0);
  const hasForeground = candidates.some(({ priority }) => priority >= foreground);
  const eligible = [...candidates.entries()].filter(([, one]) => !hasForeground || one.priority >= foreground);
  let room = batch;
  for (const [index, { writing, pending, drafted }] of eligible) {
    if (!writing || pending + drafted > room) continue;
    shares[index] = pending;
    room -= pending + drafted;
  }
  room = Math.min(room, chunk);
  const readers = eligible.filter(([, { writing }]) => !writing);
  for (const [index, { pending }] of readers.toSorted(
    ([, a], [, b]) => b.priority - a.priority || a.served - b.served,
  )) {
    const share = Math.min(pending, room);
    shares[index] = share;
    room -= share;
  }
  return shares;
}

/** A batch of prompt should take about this long, so that an abort or another client waits no longer than that. */
const targetMilliseconds = 100;
/** llama.cpp's tiled attention on a CPU begins here: below it each token of a narrow model costs twenty times as much. */
const smallestChunk = 64;
/** Where a token takes this long, attention is the smaller part. */
const slowMilliseconds = 4;
const slowChunk = 16;

/** Prompt tokens for the next batch, from the measured time of one. */
export function chunkSize(millisecondsPerToken: number, largest: number): number {
  const least = millisecondsPerToken > slowMilliseconds ? slowChunk : smallestChunk;
  return Math.max(1, Math.min(largest, Math.max(least, Math.floor(targetMilliseconds / millisecondsPerToken))));
}
