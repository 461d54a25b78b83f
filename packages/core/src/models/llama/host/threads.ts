import { join } from "node:path";

import {
  bestThreads,
  type CalibrationStore,
  computeCores,
  contestedCores,
  createLoadSampler,
  type LoadSample,
  machineKey,
  type Measured,
  nextThreads,
  openCalibration,
  readMachine,
  type ThreadState,
} from "../../../hardware/index.ts";

const sampleMilliseconds = 250;

/** Chooses threads for every batch of every model: never more than there are free cores. */
export class HostThreads {
  readonly #machine = readMachine();
  readonly #cores = computeCores(this.#machine);
  readonly #load = createLoadSampler(contestedCores(this.#machine));
  readonly #calibration: CalibrationStore | undefined;
  /** How many cores the commands of each client occupy. */
  readonly #busy = new Map<object, number>();
  #otherLoad = 0;
  #sampled = Number.NEGATIVE_INFINITY;

  constructor(stateDirectory: string | undefined) {
    if (stateDirectory !== undefined) this.#calibration = openCalibration(join(stateDirectory, "threads.json"));
  }

  busy(client: object, cores: number): void {
    if (cores === 0) this.#busy.delete(client);
    else this.#busy.set(client, cores);
  }

  /** The threads of one model, which is known to the calibration as `key`. `requested` is obeyed as it is. */
  forModel(key: string, requested: number | undefined): ModelThreads {
    if (requested !== undefined) return new ModelThreads(requested, () => undefined);
    const best = bestThreads(this.#calibration?.find(machineKey(this.#machine), key) ?? []) ?? this.#cores;
    return new ModelThreads(best, (threads) => this.#sample(threads));
  }

  /** Thread counts whose speed with this model is not known yet; none when it is, or when there is no choice. */
  unmeasured(key: string): number[] {
    if (this.#calibration === undefined || this.#cores < 2) return [];
    return this.#calibration.find(machineKey(this.#machine), key) === undefined ? candidates(this.#cores) : [];
  }

  record(key: string, measured: readonly Measured[]): number | undefined {
    this.#calibration?.record(machineKey(this.#machine), key, measured);
    return bestThreads(measured);
  }

  /** A new sample at most every quarter of a second; undefined in between. */
  #sample(best: number): LoadSample | undefined {
    const now = performance.now();
    if (now - this.#sampled < sampleMilliseconds) return undefined;
    // After a pause the load of the pause says nothing of now.
    if (now - this.#sampled > sampleMilliseconds * 8) this.#load();
    else this.#otherLoad = this.#load();
    this.#sampled = now;
    const ownCommandCores = [...this.#busy.values()].reduce((sum, cores) => sum + cores, 0);
    return { usableCores: this.#cores, otherLoad: this.#otherLoad, ownCommandCores, best };
  }
}

export class ModelThreads {
  #best: number;
  #state: ThreadState;
  readonly #sample: (best: number) => LoadSample | undefined;

  constructor(best: number, sample: (best: number) => LoadSample | undefined) {
    this.#best = best;
    this.#state = { threads: best, calmSamples: 0 };
    this.#sample = sample;
  }

  /** Threads for the next batch. */
  now(): number {
    const sample = this.#sample(this.#best);
    if (sample !== undefined) this.#state = nextThreads(this.#state, sample);
    return this.#state.threads;
  }

  calibrated(best: number): void {
    this.#best = best;
  }
}

const mostCandidates = 6;

/** All counts on small machines, otherwise a few of them, the largest first. */
function candidates(cores: number): number[] {
  if (cores <= mostCandidates) return Array.from({ length: cores }, (_, index) => cores - index);
  const shares = [1, 0.85, 0.7, 0.5, 0.35, 0.25];
  return [...new Set(shares.map((share) => Math.max(1, Math.round(cores * share))))];
}
