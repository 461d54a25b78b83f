import type { AddonContext, Token } from "./addon.ts";
import type { Slot } from "./slot.ts";

/** A state on disk that holds `count` tokens, of which the first `shared` are wanted. */
export interface KeptState {
  file: string;
  count: number;
  shared: number;
}

/** Where the states of sequences are kept on disk. Files are named by what `save` gave. */
export interface StateStore {
  /** False while it is not yet known which states belong to the model. */
  readonly isReady: boolean;
  ready(): Promise<void>;
  /** The state that saves the most reading of these tokens; all of it is wanted unless it `canCut`. */
  find(tokens: readonly Token[], canCut: boolean): Promise<KeptState | undefined>;
  /** Puts the tokens that are wanted into a sequence; false when the file is not what it should be. */
  restore(context: AddonContext, sequence: number, kept: KeptState): Promise<boolean>;
  /** Undefined when it could not be saved, or was there already. */
  save(context: AddonContext, sequence: number, tokens: readonly Token[]): Promise<string | undefined>;
  remove(file: string): void;
}

/** Fewer tokens are read again rather than restored or saved. */
const worthwhileTokens = 96;
/** A pause of this length counts as the end of a turn, in milliseconds. */
const turnEndMilliseconds = 1500;
/** Large states wait for longer pauses: writing one takes as long as the disk needs. */
const bytesPerQuietMillisecond = 50_000;

/** Brings states of sequences to disk and back, as far as it is worth it. */
export class StateKeeper {
  readonly #context: AddonContext;
  readonly #store: StateStore | undefined;
  readonly #bytesPerToken: number;

  constructor(context: AddonContext, store: StateStore | undefined, bytesPerToken: number) {
    this.#context = context;
    this.#store = store;
    this.#bytesPerToken = bytesPerToken;
  }

  /**
   * Fills the sequence from disk with more of these tokens than the `shared` ones that it holds anyway; false when
   * there are none, and the sequence is as it was, or empty after a file that was broken.
   */
  async restore(slot: Slot, tokens: readonly Token[], shared: number): Promise<boolean> {
    const kept = await this.#store?.find(tokens, slot.canCut);
    if (this.#store === undefined || kept === undefined || kept.shared < shared + worthwhileTokens) return false;
    slot.clear();
    if (!(await this.#store.restore(this.#context, slot.id, kept))) return false;
    slot.restored(tokens.slice(0, kept.shared));
    await slot.mark();
    return true;
  }

  /** Before the sequence loses all but `kept` tokens. */
  async saveBefore(slot: Slot, kept: number): Promise<void> {
    if (slot.tokens.length - kept >= worthwhileTokens) await this.save(slot);
  }

  /** A state that goes on from one that was saved replaces it; a `shared` one stays for other conversations. */
  async save(slot: Slot, { shared = false } = {}): Promise<void> {
    if (this.#store?.isReady !== true || slot.tokens.length - slot.savedTokens < worthwhileTokens) return;
    const file = await this.#store.save(this.#context, slot.id, slot.tokens);
    if (file !== undefined && slot.savedAs !== undefined) this.#store.remove(slot.savedAs);
    slot.savedTokens = slot.tokens.length;
    slot.savedAs = shared ? undefined : file;
  }

  /** Resolves when `save` can save. */
  async ready(): Promise<void> {
    await this.#store?.ready();
  }

  /** After how long a pause these are to be saved, in milliseconds; undefined for never. */
  pauseBefore(slots: readonly Slot[]): number | undefined {
    if (this.#store === undefined) return undefined;
    const unsaved = slots.filter(({ tokens, savedTokens }) => tokens.length - savedTokens >= worthwhileTokens);
    const bytes = unsaved.reduce((sum, { tokens }) => sum + tokens.length * this.#bytesPerToken, 0);
    return unsaved.length === 0 ? undefined : turnEndMilliseconds + bytes / bytesPerQuietMillisecond;
  }
}
