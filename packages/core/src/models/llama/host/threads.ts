import {
  bestThreads,
  calibrationFile,
  type CalibrationStore,
  computeCores,
  contestedCores,
  createLoadSampler,
  type LoadSample,
  type Machine,
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
  readonly #machine: Machine;
  readonly #cores: number;
  readonly #load: () => number;
  readonly #calibration: CalibrationStore | undefined;
  /** How many cores the commands of each client occupy. */
  readonly #busy = new Map<object, number>();
  #otherLoad = 0;
  #sampled = Number.NEGATIVE_INFINITY;

  constructor(
    stateDirectory: string | undefined,
    machine = readMachine(),
    load = createLoadSampler(contestedCores(machine)),
  ) {
    this.#machine = machine;
    this.#cores = computeCores(machine);
    this.#load = load;
    if (stateDirectory !== undefined) this.#calibration = openCalibration(calibrationFile(stateDirectory));
  }

  busy(client: object, cores: number): void {
    if (cores === 0) this.#busy.delete(client);
    else this.#busy.set(client, cores);
  }

  /** The threads of one model, which is known to the calibration as `key`. `requested` is obeyed as it is. */
  forModel(key: string, requested: number | undefined): ModelThreads {
    if (requested !== undefined) return new ModelThreads(requested, () => undefined);
    const best = bestThreads(this.#calibration?.find(machineKey(this.#machine), key) ?? []) ?? this.#cores;
    return new ModelThreads(best, (heard, threads) => this.#sample(heard, threads));
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

  /** A new sample at most every quarter of a second, for every model that has not heard it; undefined in between. */
  #sample(heard: number, best: number): Sample | undefined {
    const now = performance.now();
    if (now - this.#sampled >= sampleMilliseconds) {
      // After a pause the load of the pause says nothing of now.
      if (now - this.#sampled > sampleMilliseconds * 8) this.#load();
      else this.#otherLoad = this.#load();
      this.#sampled = now;
    }
    if (heard === this.#sampled) return undefined;
    const ownCommandCores = [...this.#busy.values()].reduce((sum, cores) => sum + cores, 0);
    return { at: this.#sampled, usableCores: this.#cores, otherLoad: this.#otherLoad, ownCommandCores, best };
  }
}

/** `at` tells samples apart. */
type Sample = LoadSample & { at: number };

export class ModelThreads {
  #best: number;
  #state: ThreadState;
  #heard = Number.NEGATIVE_INFINITY;
  readonly #sample: (heard: number, best: number) => Sample | undefined;

  constructor(best: number, sample: (heard: number, best: number) => Sample | undefined) {
    this.#best = best;
    this.#state = { threads: best, calmSamples: 0 };
    this.#sample = sample;
  }

  /** Threads for the next batch. */
  now(): number {
    const sample = this.#sample(this.#heard, this.#best);
    if (sample !== undefined) {
      this.#heard = sample.at;
      this.#state = nextThreads(this.#state, sample);
    }
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
