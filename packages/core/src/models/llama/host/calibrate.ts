import type { Measured } from "../../../hardware/index.ts";
import type { DecodeLoop } from "./decode-loop.ts";

const allMilliseconds = 2000;
const leastTokens = 3;

/** Measures how fast a model writes with each number of threads, two seconds in all; undefined when work came up. */
export async function calibrate(loop: DecodeLoop, counts: readonly number[]): Promise<Measured[] | undefined> {
  const measured: Measured[] = [];
  const each = allMilliseconds / counts.length;
  const done = await loop.whileIdle(async ({ writeToken, isWanted }) => {
    for (const threads of counts) {
      // The first token pays for new threads.
      await writeToken(threads);
      const began = performance.now();
      let tokens = 0;
      for (; tokens < leastTokens || performance.now() - began < each; tokens++) {
        if (isWanted()) return false;
        await writeToken(threads);
      }
      measured.push({ threads, tokensPerSecond: (tokens * 1000) / (performance.now() - began) });
    }
    return true;
  });
  return done ? measured : undefined;
}
