import { TrustError } from "../../../protocol/errors.ts";
import type { PrefixBreak } from "../../../protocol/model-events.ts";
import type { AddonContext, Llama, Token } from "./addon.ts";
import { addToBatch, type Part, type SampledPart } from "./batch-part.ts";
import { bestSlot } from "./choose-slot.ts";
import type { Job, JobOutcome } from "./job.ts";
import { Running } from "./running.ts";
import { queuesNativeWork, Samples } from "./samples.ts";
import { ChunkSize, shareBatch } from "./schedule.ts";
import { commonPrefix, type Rewind, Slot } from "./slot.ts";
import type { StateKeeper } from "./state-keeper.ts";

export interface DecodeLoopOptions {
  llama: Llama;
  context: AddonContext;
  sequences: number;
  /** Of each sequence, in tokens. */
  contextSize: number;
  batchSize: number;
  rewind: Rewind;
  states: StateKeeper;
  /** Threads for the next batch. */
  threads: () => number;
  textOf: (tokens: readonly Token[]) => string;
}

/** What may be done while nobody waits. */
export interface IdleWork {
  /** Evaluates one more token, of no meaning. */
  writeToken: (threads: number) => Promise<void>;
  isWanted: () => boolean;
}

/** A job of equal priority may be put aside for a waiting one after this time, in milliseconds. */
const quantum = 4000;
const breakTokens = 6;

/** So many tokens of no meaning stand behind a conversation at most. */
const idleTokens = 64;

/**
 * Evaluates all requests to one model, batch by batch: one loop, several sequences. A request gets the free sequence
 * that holds most of its prompt, or a state from disk that holds more.
 */
export class DecodeLoop {
  readonly #options: DecodeLoopOptions;
  readonly #slots: Slot[];
  #expected = 0;
  #waiting: Running[] = [];
  #active: Running[] = [];
  #loop: Promise<void> | undefined;
  #step = 0;
  readonly #chunk = new ChunkSize();
  #quiet: NodeJS.Timeout | undefined;
  /** Native code must not read a sequence while another call changes it. */
  #saving: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: DecodeLoopOptions) {
    this.#options = options;
    const { llama, context, rewind } = options;
    this.#slots = Array.from({ length: options.sequences }, (_, id) => new Slot(id, llama, context, rewind));
  }

  /** Requests at work, waiting or being prepared. */
  get busy(): number {
    return this.#expected + this.#waiting.length + this.#active.length;
  }

  /** A job is being prepared, for which the model must stay. */
  expect(): Disposable {
    this.#expected++;
    return { [Symbol.dispose]: () => void this.#expected-- };
  }

  get canDraft(): boolean {
    return this.#slots[0]?.canDraft ?? false;
  }

  /** Runs a job to its end. Throws MODEL_FAILED when the model cannot go on. */
  run(job: Job): Promise<JobOutcome> {
    if (this.#closed) throw new TrustError("MODEL_FAILED", "the model was unloaded");
    clearTimeout(this.#quiet);
    const running = new Running(job);
    this.#waiting.push(running);
    this.#loop ??= this.#saving.then(() => this.#work());
    return running.done;
  }

  /** Saves what is worth it, and lets no job in any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#quiet);
    await this.#loop;
    await this.saveAll();
    for (const slot of this.#slots) slot.dispose();
  }

  /** Writes the state of all sequences to disk, as far as it is not there. Only while nothing runs. */
  saveAll(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      for (const slot of this.#slots) await this.#options.states.save(slot);
    });
    return this.#saving;
  }

  /** Runs something with the emptiest sequence while nothing else does; a job that comes meanwhile waits for it. */
  async whileIdle<T>(work: (idle: IdleWork) => Promise<T>): Promise<T | undefined> {
    const slot = this.#slots.toSorted((a, b) => a.tokens.length - b.tokens.length)[0];
    const room = this.#options.contextSize - (slot?.tokens.length ?? 0);
    if (this.busy > 0 || this.#closed || slot?.canDraft !== true || room <= idleTokens) return undefined;
    const result = this.#saving.then(() => this.#workIdly(slot, work));
    this.#saving = result.then(
      () => undefined,
      () => undefined,
    );
    return await result;
  }

  async #workIdly<T>(slot: Slot, work: (idle: IdleWork) => Promise<T>): Promise<T> {
    const { context } = this.#options;
    const { length } = slot.tokens;
    const writeToken = async (threads: number): Promise<void> => {
      if (slot.tokens.length >= length + idleTokens) await slot.trim(length);
      context.setThreads(threads);
      context.initBatch(1);
      context.addToBatch(slot.id, slot.tokens.length, Uint32Array.of(0), Uint32Array.of(0));
      await context.decodeBatch();
      slot.tokens.push(0);
    };
    try {
      return await work({ writeToken, isWanted: () => this.busy > 0 || this.#closed });
    } finally {
      await slot.trim(length);
    }
  }

  async #work(): Promise<void> {
    while (this.#waiting.length + this.#active.length > 0) {
      try {
        this.#dropAborted();
        this.#putAside();
        await this.#admit();
        if (this.#active.length > 0) await this.#oneBatch();
      } catch (error) {
        this.#failAll(error);
      }
    }
    // In the same step: a job that comes now begins another loop.
    this.#loop = undefined;
    this.#saveWhenQuiet();
  }

  #dropAborted(): void {
    const goes = (one: Running): boolean => one.job.signal.aborted;
    for (const one of [...this.#waiting, ...this.#active].filter(goes)) {
      one.outcome.aborted = true;
      one.finish();
    }
    this.#waiting = this.#waiting.filter((one) => !goes(one));
    this.#active = this.#active.filter((one) => !goes(one));
  }

  /** With no slot left, the least urgent job gives way: at once to a more urgent one, to an equal one after its time. */
  #putAside(): void {
    const first = this.#nextWaiting();
    if (first === undefined || this.#freeSlots().length > 0) return;
    const now = performance.now();
    const least = this.#active.toSorted((a, b) => a.job.priority - b.job.priority || a.since - b.since)[0];
    if (least?.slot === undefined || least.job.priority > first.job.priority) return;
    if (least.job.priority === first.job.priority && now - least.since < quantum) return;
    least.pending = [...least.slot.tokens, ...least.pending];
    least.draft = [];
    least.isWriting = false;
    least.slot = undefined;
    this.#active = this.#active.filter((one) => one !== least);
    this.#waiting.push(least);
  }

  #nextWaiting(): Running | undefined {
    return this.#waiting.toSorted((a, b) => b.job.priority - a.job.priority)[0];
  }

  #freeSlots(): Slot[] {
    return this.#slots.filter((slot) => !this.#active.some((one) => one.slot === slot));
  }

  async #admit(): Promise<void> {
    for (let next = this.#nextWaiting(); next !== undefined; next = this.#nextWaiting()) {
      const slot = bestSlot(this.#freeSlots(), next);
      if (slot === undefined) return;
      const admitted = next;
      this.#waiting = this.#waiting.filter((one) => one !== admitted);
      admitted.slot = slot;
      admitted.since = performance.now();
      this.#active.push(admitted);
      await this.#prepare(admitted, slot);
    }
  }

  /** Brings the slot to hold as much of the job's tokens as can be had without reading them. */
  async #prepare(running: Running, slot: Slot): Promise<void> {
    const { states } = this.#options;
    const tokens = running.pending;
    const wanted = tokens.slice(0, -1);
    const shared = commonPrefix(slot.tokens, wanted);
    const broke = this.#breakOf(running, slot, shared);
    await states.saveBefore(slot, shared);
    const isRestored = await states.restore(slot, wanted, shared);
    if (!isRestored) await slot.trim(shared);
    const reused = slot.tokens.length;
    const source = isRestored ? "disk" : "memory";
    running.pending = tokens.slice(reused);
    if (running.outcome.reused === 0) running.outcome.reused = Math.min(reused, running.job.prompt.length);
    slot.conversation = running.job.conversation;
    running.report(reused > 0 ? source : undefined, broke);
  }

  #breakOf({ job, pending }: Running, slot: Slot, shared: number): PrefixBreak | undefined {
    const lost = slot.promptEnd - shared;
    if (job.conversation === undefined || slot.conversation !== job.conversation || lost <= 0) return undefined;
    const textAt = (tokens: readonly Token[]): string =>
      this.#options.textOf(tokens.slice(shared, shared + breakTokens));
    return { at: shared, lost, was: textAt(slot.tokens), now: textAt(pending) };
  }

  async #oneBatch(): Promise<void> {
    const { context, batchSize, threads } = this.#options;
    // What guessing takes is part of the price.
    const began = performance.now();
    await this.#guess();
    const chunk = this.#chunk.next(batchSize);
    const shares = shareBatch(
      this.#active.map((one) => one.candidate),
      { batch: batchSize, chunk },
    );
    const parts = this.#active.flatMap((running, index) => this.#part(running, shares[index] ?? 0));
    if (parts.length === 0) return;
    context.setThreads(threads());
    context.initBatch(parts.reduce((sum, { tokens }) => sum + tokens.length, 0));
    const places = parts.map((part) => addToBatch(context, part));
    const decoded = context.decodeBatch();
    if (!queuesNativeWork) await decoded;
    const placed = parts.map((part, index) => {
      return { ...part, samples: new Samples(context, places[index] ?? new Uint32Array(), part.running.job) };
    });
    try {
      await decoded;
    } catch (error) {
      for (const { samples } of placed) await samples.settled();
      throw error;
    }
    const milliseconds = performance.now() - began;
    this.#step++;
    const read = parts.filter(({ running }) => !running.isWriting).reduce((sum, { tokens }) => sum + tokens.length, 0);
    this.#chunk.learn(read, milliseconds);
    for (const part of placed) await this.#advanceOrFail(part, milliseconds);
  }

  async #guess(): Promise<void> {
    const writers = this.#active.filter((one) => one.isWriting);
    const share = Math.floor(64 / Math.max(1, writers.length));
    for (const one of writers) {
      const { slot, pending, job } = one;
      if (slot?.canDraft !== true || job.drafter === undefined) continue;
      const room = this.#options.contextSize - slot.tokens.length - pending.length;
      one.draft = room < 1 ? [] : await job.drafter.guess(Math.min(share, room));
    }
  }

  /** A job's tokens in this batch, drafts last. A prompt's chunk ends where its stable part does. */
  #part(running: Running, share: number): Part[] {
    const { slot, pending, draft, job, isWriting } = running;
    if (slot === undefined || share === 0) return [];
    const toStable = job.stable - slot.tokens.length;
    const count = !isWriting && toStable > 0 ? Math.min(share, toStable) : share;
    const isLast = count === pending.length;
    const tokens = [...pending.slice(0, count), ...(isWriting ? draft : [])];
    const logits = isLast ? tokens.length - count + 1 : 0;
    return [{ running, slot, tokens, count, logits }];
  }

  /** What one job cannot do, such as write anything that its grammar admits, harms no other. */
  async #advanceOrFail(part: SampledPart, milliseconds: number): Promise<void> {
    const { running, slot } = part;
    try {
      await this.#advance(part, milliseconds);
    } catch (error) {
      await part.samples.settled();
      this.#active = this.#active.filter((one) => one !== running);
      slot.clear();
      running.fail(modelFailure(error));
    }
  }

  async #advance({ running, slot, tokens, count, logits, samples }: SampledPart, milliseconds: number): Promise<void> {
    for (const token of tokens) slot.tokens.push(token);
    slot.lastUsed = performance.now();
    running.served = this.#step;
    running.pending = running.pending.slice(count);
    running.report();
    if (!running.isWriting) await this.#keepStable(running, slot);
    if (logits === 0) return;
    if (!running.isWriting) {
      running.isWriting = true;
      slot.promptEnd = slot.tokens.length;
      await slot.mark();
    }
    const isOver = await running.take(samples, milliseconds);
    await samples.settled();
    if (!isOver) return;
    this.#active = this.#active.filter((one) => one !== running);
    running.outcome.aborted = running.job.signal.aborted;
    running.finish();
  }

  /** The front that many conversations share gets a file of its own. */
  async #keepStable({ job }: Running, slot: Slot): Promise<void> {
    if (slot.tokens.length !== job.stable) return;
    await slot.mark();
    await this.#options.states.save(slot, { shared: true });
  }

  #saveWhenQuiet(): void {
    const pause = this.#closed ? undefined : this.#options.states.pauseBefore(this.#slots);
    if (pause === undefined) return;
    this.#quiet = setTimeout(() => void this.#saveUnlessBusy(), pause);
    this.#quiet.unref();
  }

  async #saveUnlessBusy(): Promise<void> {
    await this.#options.states.ready();
    if (this.busy === 0 && !this.#closed) await this.saveAll();
  }

  #failAll(cause: unknown): void {
    const error = modelFailure(cause);
    for (const one of [...this.#active, ...this.#waiting]) one.fail(error);
    for (const { slot } of this.#active) slot?.clear();
    this.#active = [];
    this.#waiting = [];
  }
}

function modelFailure(cause: unknown): TrustError {
  if (cause instanceof TrustError) return cause;
  return new TrustError("MODEL_FAILED", `llama.cpp could not go on: ${String(cause)}`, { hint: "trust doctor", cause });
}
