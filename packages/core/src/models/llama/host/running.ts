import { TrustError } from "../../../protocol/errors.ts";
import type { PrefixBreak } from "../../../protocol/model-events.ts";
import type { Token } from "./addon.ts";
import type { Job, JobOutcome } from "./job.ts";
import type { Samples } from "./samples.ts";
import type { Candidate } from "./schedule.ts";
import type { Slot } from "./slot.ts";

/** So many forced tokens are read like a prompt. */
const mostForced = 64;

/** A job at work, or waiting for a slot. */
export class Running {
  readonly job: Job;
  readonly outcome: JobOutcome = { reused: 0, aborted: false, drafted: 0, accepted: 0 };
  readonly done: Promise<JobOutcome>;
  slot: Slot | undefined;
  /** Tokens to be evaluated before the next one is sampled. */
  pending: Token[];
  draft: readonly Token[] = [];
  isWriting = false;
  hasWritten = false;
  served = 0;
  /** When it got its slot. */
  since = 0;
  readonly #resolve: (outcome: JobOutcome) => void;
  readonly #reject: (error: unknown) => void;

  constructor(job: Job) {
    this.job = job;
    this.pending = [...job.prompt];
    const { promise, resolve, reject } = Promise.withResolvers<JobOutcome>();
    this.done = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    job.drafter?.push(job.prompt);
  }

  get candidate(): Candidate {
    const { priority } = this.job;
    const { isWriting: writing, served } = this;
    return { priority, pending: this.pending.length, writing, drafted: this.draft.length, served };
  }

  report(source?: "memory" | "disk", broke?: PrefixBreak): void {
    if (this.hasWritten) return;
    const total = this.job.prompt.length;
    const done = Math.min(total, this.slot?.tokens.length ?? 0);
    const how = source === undefined ? {} : { source };
    this.job.onPrefill({ done, total, reused: this.outcome.reused, ...how, ...(broke === undefined ? {} : { broke }) });
  }

  finish(): void {
    this.job.drafter?.dispose();
    this.#resolve(this.outcome);
  }

  fail(error: unknown): void {
    this.job.drafter?.dispose();
    this.#reject(error);
  }

  /**
   * Takes tokens at the logits of this batch until one is no longer what was drafted. True when the job has ended.
   * Each token is sampled from the model's own distribution after all tokens before it, drafts or not.
   */
  async take(samples: Samples, milliseconds: number): Promise<boolean> {
    const { draft, slot, job } = this;
    if (slot === undefined) return true;
    const base = slot.tokens.length - draft.length;
    let accepted = 0;
    let ended = false;
    for (let index = 0; index < samples.length; index++) {
      const token = await samples.at(index);
      if (token < 0) throw noToken();
      const step = job.take(token);
      const forced = step === "stop" ? [] : step.forced;
      job.drafter?.push([token, ...forced]);
      ended = step === "stop" || job.signal.aborted;
      const isDrafted = draft[accepted] === token;
      this.pending = isDrafted ? [...forced] : [token, ...forced];
      if (isDrafted) accepted++;
      if (ended || !isDrafted || forced.length > 0) break;
    }
    this.#learn(accepted, milliseconds);
    this.isWriting = this.pending.length <= mostForced;
    await slot.trim(base + accepted);
    return ended;
  }

  #learn(accepted: number, milliseconds: number): void {
    const drafted = this.draft.length;
    this.outcome.drafted += drafted;
    this.outcome.accepted += accepted;
    this.job.drafter?.learn({ drafted, accepted, milliseconds });
    this.draft = [];
    this.hasWritten = true;
  }
}

const noToken = (): TrustError =>
  new TrustError("MODEL_FAILED", "the model can write nothing that its grammar admits", {
    hint: "try again, or choose another model",
  });
