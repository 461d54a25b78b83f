import type { LlamaContextSequence, Token } from "node-llama-cpp";

/** A chunk should take about this long, so that an abort waits no longer than that. */
const targetMilliseconds = 60;
/** llama.cpp's tiled attention on a CPU begins here: below it each token may cost twenty times as much. */
const smallestChunk = 64;
const largestChunk = 512;

export interface PrefillProgress {
  done: number;
  total: number;
  reused: number;
}

/** How many tokens at the front `a` and `b` share. */
function commonPrefix(a: readonly Token[], b: readonly Token[]): number {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a[length] === b[length]) length++;
  return length;
}

/**
 * Brings the sequence to hold exactly `tokens` less the last one, which the caller evaluates to sample from.
 * Reuses the longest common prefix with what the sequence holds. Native code cannot be interrupted,
 * so the prompt is evaluated in chunks sized by measured speed. Returns the number of reused tokens.
 */
export async function prefill(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  signal: AbortSignal,
  onProgress: (progress: PrefillProgress) => void,
): Promise<number> {
  const total = tokens.length;
  const reused = await reusePrefix(sequence, tokens.slice(0, -1));
  let done = reused;
  let size = smallestChunk;
  onProgress({ done, total, reused });
  while (done < total - 1 && !signal.aborted) {
    const chunk = tokens.slice(done, Math.min(done + size, total - 1));
    const began = performance.now();
    await sequence.evaluateWithoutGeneratingNewTokens(chunk);
    const perToken = Math.max(0.001, (performance.now() - began) / chunk.length);
    done += chunk.length;
    size = Math.max(smallestChunk, Math.min(largestChunk, Math.floor(targetMilliseconds / perToken)));
    onProgress({ done, total, reused });
  }
  return reused;
}

async function reusePrefix(sequence: LlamaContextSequence, tokens: readonly Token[]): Promise<number> {
  const shared = commonPrefix(sequence.contextTokens, tokens);
  const held = sequence.nextTokenIndex;
  if (held <= shared) return held;
  await sequence.eraseContextTokenRanges([{ start: shared, end: held }]);
  // Recurrent and sliding-window models may not be able to rewind to here: trust what is really held.
  if (sequence.nextTokenIndex <= shared) return sequence.nextTokenIndex;
  await sequence.clearHistory();
  return 0;
}
