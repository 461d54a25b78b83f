import type { AddonContext, Token } from "./addon.ts";
import type { Job } from "./job.ts";

/**
 * Native work runs on one thread, in the order in which it was begun: so in the host's own process. Elsewhere each
 * piece must end before the next begins.
 */
export const queuesNativeWork = process.env["UV_THREADPOOL_SIZE"] === "1";

/** Samples that no earlier one can change are begun so many ahead: what is not wanted in the end costs little. */
const ahead = 8;

/**
 * The tokens that are sampled at the places of one batch. Sampling is queued behind the batch, on the same thread, so
 * that nothing waits for the event loop in between.
 */
export class Samples {
  readonly #context: AddonContext;
  readonly #places: Uint32Array;
  readonly #job: Job;
  readonly #begun: Promise<Token>[] = [];

  constructor(context: AddonContext, places: Uint32Array, job: Job) {
    this.#context = context;
    this.#places = places;
    this.#job = job;
    if (queuesNativeWork) this.#begin(0);
  }

  get length(): number {
    return this.#places.length;
  }

  /** The token at a place, once those before it were taken. */
  at(index: number): Promise<Token> {
    this.#begin(index);
    return this.#begun[index] ?? Promise.reject(new Error(`no place ${index} in this batch`));
  }

  /** Resolves when no sample is under way: only then may their sampler be freed. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#begun);
  }

  #begin(index: number): void {
    const count = queuesNativeWork && this.#job.samplesAreIndependent ? ahead : 1;
    const end = Math.min(this.#places.length, index + count);
    while (this.#begun.length < end) {
      const sampled = this.#context.sampleToken(this.#places[this.#begun.length] ?? 0, this.#job.sampler());
      // Whoever asks for it hears of its failure.
      sampled.catch(() => undefined);
      this.#begun.push(sampled);
    }
  }
}
