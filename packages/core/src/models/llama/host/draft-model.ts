import { TrustError } from "../../../protocol/errors.ts";
import type { AddonContext, AddonSampler, Token } from "./addon.ts";
import { DraftLength } from "./draft-length.ts";
import type { Drafter } from "./job.ts";
import { openContext, type Weights } from "./loaded-model.ts";
import { NgramIndex } from "./ngram-index.ts";
import { Slot } from "./slot.ts";

/** A guess that the small model itself believes less than this is not worth checking. */
const leastConfidence = 0.5;
/** Where this many tokens repeat, what followed them there is the better guess, and free. */
const convincingMatch = 8;

/** A small model of the same vocabulary, with a sequence of its own. */
export interface DraftModel {
  drafter(): Drafter;
  close(): Promise<void>;
}

/** Throws MODEL_INVALID when the two models do not share their tokens. */
export async function openDraftModel(
  weights: Weights,
  target: AddonContext,
  { contextSize, batchSize, threads }: { contextSize: number; batchSize: number; threads: () => number },
): Promise<DraftModel> {
  const options = { contextSize, batchSize, sequences: 1, threads: threads(), flashAttention: true };
  const context = await openContext(weights, options);
  const close = async (): Promise<void> => {
    await context.dispose();
    await weights.model.dispose();
  };
  try {
    target.ensureDraftContextIsCompatibleForSpeculative(context);
  } catch (cause) {
    await close();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TrustError("MODEL_INVALID", `the draft model does not fit the model: ${why}`, {
      hint: "choose a smaller model of the same family",
      cause,
    });
  }
  const slot = new Slot(0, weights.llama, context, { kind: "free" });
  const sampler = new weights.llama.addon.AddonSampler(weights.model);
  sampler.applyConfig({ temperature: 0 });
  const place: Place = { context, slot, sampler, batchSize, contextSize, threads, owner: undefined };
  return { drafter: () => new ModelDrafter(place), close };
}

interface Place {
  context: AddonContext;
  slot: Slot;
  sampler: AddonSampler;
  batchSize: number;
  contextSize: number;
  threads: () => number;
  /** The reply for which it guesses; others meanwhile would have it read their whole text at every step. */
  owner: ModelDrafter | undefined;
}

/** Guesses by repetition where the text repeats, and asks the small model elsewhere. */
class ModelDrafter implements Drafter {
  readonly #place: Place;
  readonly #tokens: Token[] = [];
  readonly #index = new NgramIndex();
  readonly #length = new DraftLength();

  constructor(place: Place) {
    this.#place = place;
  }

  push(tokens: readonly Token[]): void {
    for (const token of tokens) {
      this.#tokens.push(token);
      this.#index.push(token);
    }
  }

  async guess(limit: number): Promise<readonly Token[]> {
    const found = this.#index.continuation(limit);
    if (found !== undefined && found.match >= convincingMatch) {
      return found.tokens.slice(0, this.#length.next(found.match));
    }
    const { contextSize } = this.#place;
    this.#place.owner ??= this;
    if (this.#place.owner !== this) return [];
    const count = Math.min(limit, this.#length.next(0), contextSize - this.#tokens.length - 1);
    return count < 1 ? [] : await this.#ask(count);
  }

  learn(step: { drafted: number; accepted: number; milliseconds: number }): void {
    this.#length.learn(step);
  }

  dispose(): void {
    if (this.#place.owner === this) this.#place.owner = undefined;
  }

  async #ask(count: number): Promise<Token[]> {
    const { context, slot, sampler, batchSize } = this.#place;
    const wanted = this.#tokens;
    let shared = 0;
    while (shared < slot.tokens.length && slot.tokens[shared] === wanted[shared]) shared++;
    await slot.trim(Math.min(shared, wanted.length - 1));
    const guesses: Token[] = [];
    for (let pending = wanted.slice(slot.tokens.length); guesses.length < count;) {
      const chunk = pending.slice(0, batchSize);
      const isLast = chunk.length === pending.length;
      const places = await this.#evaluate(chunk, isLast);
      pending = pending.slice(chunk.length);
      if (!isLast) continue;
      const [token, , confidence = 0] = await context.sampleToken(places[0] ?? 0, sampler, false, true);
      if (token < 0 || confidence < leastConfidence) break;
      guesses.push(token);
      pending = [token];
    }
    return guesses;
  }

  async #evaluate(tokens: readonly Token[], withLogits: boolean): Promise<Uint32Array> {
    const { context, slot, threads } = this.#place;
    context.setThreads(threads());
    context.initBatch(tokens.length);
    const logits = withLogits ? Uint32Array.of(tokens.length - 1) : new Uint32Array();
    const places = context.addToBatch(slot.id, slot.tokens.length, Uint32Array.from(tokens), logits);
    await context.decodeBatch();
    for (const token of tokens) slot.tokens.push(token);
    return places;
  }
}
