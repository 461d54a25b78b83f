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
  let spare = Math.max(0, room - chunk);
  room = Math.min(room, chunk);
  const readers = eligible.filter(([, { writing }]) => !writing);
  for (const [index, { pending }] of readers.toSorted(
    ([, a], [, b]) => b.priority - a.priority || a.served - b.served,
  )) {
    const share = Math.min(pending, room);
    // A rest too small for a tiled batch costs more than when it is read along.
    const rest = pending - share;
    shares[index] = chunk >= tiledChunk && rest < tiledChunk && rest <= spare ? pending : share;
    spare -= shares[index] - share;
    room -= share;
  }
  return shares;
}

/** A batch of prompt should take about this long, so that an abort or another client waits no longer than that. */
const targetMilliseconds = 100;
/** llama.cpp's tiled attention on a CPU begins here: on a narrow model tokens of smaller batches cost twice as much. */
const tiledChunk = 64;
const smallestChunk = 16;
/** How much dearer a token of a small batch may be. */
const admittedPrice = 1.15;
/** A batch of this length is tried out, to learn what it costs. */
const longestTrial = 400;

/**
 * How many prompt tokens go into a batch, from what batches took: as many as fit into the target time. Where even the
 * smallest tiled batch takes longer, smaller ones, unless these are much slower.
 */
export class ChunkSize {
  /** Milliseconds a token, in tiled batches and in smaller ones. */
  #tiled: number | undefined;
  #small: number | undefined;

  next(largest: number): number {
    return Math.max(1, Math.min(largest, this.#wanted()));
  }

  learn(tokens: number, milliseconds: number): void {
    if (tokens >= tiledChunk) this.#tiled = milliseconds / tokens;
    else if (tokens >= smallestChunk) this.#small = milliseconds / tokens;
  }

  #wanted(): number {
    const [tiled, small] = [this.#tiled, this.#small];
    if (tiled === undefined) {
      const isQuick = small !== undefined && small * tiledChunk <= longestTrial;
      return isQuick ? tiledChunk : smallestChunk;
    }
    const fitting = Math.floor(targetMilliseconds / tiled);
    if (fitting >= tiledChunk) return fitting;
    const isSmallGood = small === undefined || small <= tiled * admittedPrice;
    return isSmallGood ? Math.max(smallestChunk, fitting) : tiledChunk;
  }
}
