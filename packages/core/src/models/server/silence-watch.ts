/** Aborts its signal when nothing was heard for a while. A slow model may take hours, as long as it says something. */
export class SilenceWatch implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(seconds: number, reason: () => Error) {
    this.#timer = setTimeout(() => this.#controller.abort(reason()), seconds * 1000);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
