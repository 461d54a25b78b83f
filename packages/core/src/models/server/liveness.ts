import { SilenceWatch } from "./silence-watch.ts";

export interface LivenessOptions {
  silenceSeconds: number;
  /** After so much silence, and then again and again, it is asked whether the other side is still there. */
  checkSeconds: number;
  isThere: () => Promise<boolean>;
  /** Why the signal aborts after too much silence, and when the other side is gone. */
  silent: () => Error;
  gone: () => Error;
}

/** Aborts its signal when the other side is gone, or says nothing for far too long. */
export class Liveness implements Disposable {
  readonly #options: LivenessOptions;
  readonly #silence: SilenceWatch;
  readonly #gone = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #over = false;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#silence = new SilenceWatch(options.silenceSeconds, options.silent);
    this.#timer = setTimeout(() => void this.#check(), options.checkSeconds * 1000);
  }

  get signal(): AbortSignal {
    return AbortSignal.any([this.#silence.signal, this.#gone.signal]);
  }

  heard(): void {
    this.#silence.heard();
    this.#timer.refresh();
  }

  async #check(): Promise<void> {
    const isThere = await this.#options.isThere();
    if (this.#over) return;
    if (isThere) this.#timer.refresh();
    else this.#gone.abort(this.#options.gone());
  }

  [Symbol.dispose](): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#silence[Symbol.dispose]();
  }
}
