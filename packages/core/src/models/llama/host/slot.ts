import type { AddonCheckpoint, AddonContext, Llama, Token } from "./addon.ts";

const mostCheckpoints = 8;

/** How a model's memory can be shortened: anywhere, within a window behind its end, or only to a checkpoint. */
export type Rewind = { kind: "free" } | { kind: "window"; tokens: number } | { kind: "checkpoints" };

interface Checkpoint {
  length: number;
  state: AddonCheckpoint;
}

/** One sequence of the KV cache: the tokens it holds, and places to which it can go back. */
export class Slot {
  readonly id: number;
  /** What the KV cache holds, in order. */
  tokens: Token[] = [];
  /** How many of them are on disk as well. */
  savedTokens = 0;
  /** The file of the last state that was saved, as long as the sequence goes on from it. */
  savedAs: string | undefined;
  conversation: string | undefined;
  /** Where the last prompt ended. */
  promptEnd = 0;
  lastUsed = 0;
  readonly #llama: Llama;
  readonly #context: AddonContext;
  readonly #rewind: Rewind;
  #checkpoints: Checkpoint[] = [];

  constructor(id: number, llama: Llama, context: AddonContext, rewind: Rewind) {
    this.id = id;
    this.#llama = llama;
    this.#context = context;
    this.#rewind = rewind;
  }

  /** Drafts that turn out wrong must be forgotten at once. */
  get canDraft(): boolean {
    return this.#rewind.kind !== "checkpoints";
  }

  /** Whether a state that goes on otherwise can be cut to the part that is wanted. */
  get canCut(): boolean {
    return this.#rewind.kind === "free";
  }

  /** Shortens the sequence to at most `length` tokens: to fewer where the model's memory cannot go back just there. */
  async trim(length: number): Promise<void> {
    if (length >= this.tokens.length) return;
    if (!this.#reaches(length) || !this.#forget(length)) length = await this.#goBack(length);
    this.tokens.length = length;
    if (length < this.savedTokens) this.savedAs = undefined;
    this.savedTokens = Math.min(this.savedTokens, length);
    this.#dropCheckpoints(({ length: at }) => at > length);
  }

  /** Notes this place, for models that cannot go back to any place. */
  async mark(): Promise<void> {
    const { length } = this.tokens;
    if (this.#rewind.kind === "free" || this.#checkpoints.some((one) => one.length === length)) return;
    const state = new this.#llama.addon.AddonContextSequenceCheckpoint();
    await state.init(this.#context, this.id);
    this.#checkpoints.push({ length, state });
    if (this.#checkpoints.length > mostCheckpoints) this.#checkpoints.splice(1, 1)[0]?.state.dispose();
  }

  /** The sequence now holds these tokens, read from disk. */
  restored(tokens: readonly Token[]): void {
    this.#dropCheckpoints(() => true);
    this.tokens = [...tokens];
    this.savedTokens = tokens.length;
    this.savedAs = undefined;
  }

  clear(): void {
    this.#context.disposeSequence(this.id);
    this.restored([]);
  }

  dispose(): void {
    this.#dropCheckpoints(() => true);
  }

  /** Does the KV cache still hold all that the token behind `length` would look at? */
  #reaches(length: number): boolean {
    if (this.#rewind.kind !== "window" || length === 0) return this.#rewind.kind !== "checkpoints" || length === 0;
    const from = this.#context.getSequenceKvCacheMinPosition(this.id);
    return from <= Math.max(0, length - this.#rewind.tokens);
  }

  #forget(length: number): boolean {
    return this.#context.removeTokenCellsFromSequence(this.id, length, -1);
  }

  /** The place of the last checkpoint not behind `length`, to which the sequence went back; 0 when there is none. */
  async #goBack(length: number): Promise<number> {
    const candidates = this.#checkpoints.filter((one) => one.length <= length).toReversed();
    for (const { length: at, state } of candidates) {
      if (await this.#context.restoreCheckpoint(state, at - 1)) return at;
    }
    this.#context.disposeSequence(this.id);
    return 0;
  }

  #dropCheckpoints(which: (checkpoint: Checkpoint) => boolean): void {
    for (const one of this.#checkpoints) if (which(one)) one.state.dispose();
    this.#checkpoints = this.#checkpoints.filter((one) => !which(one));
  }
}

/** How many tokens at the front `a` and `b` share. */
export function commonPrefix(a: readonly Token[], b: readonly Token[]): number {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a[length] === b[length]) length++;
  return length;
}
