const first = 8;
/** With the token before them a batch of 64, with which tiled attention on a CPU begins. */
const longest = 63;
const smoothing = 0.3;
/** Tokens written without drafts after drafts have not paid; doubles each time, up to the longest pause. */
const firstPause = 32;
const longestPause = 512;

/**
 * How many tokens to draft: more while they are confirmed, none while the time they cost is longer than the time they
 * save. All times in milliseconds, as measured.
 */
export class DraftLength {
  #length = first;
  #gain = 0;
  #pause = firstPause;
  #paused = 0;
  #plain: number | undefined;

  /** At most this many tokens now, after `match` tokens that stood there before. None until a plain step was timed. */
  next(match: number): number {
    if (this.#paused > 0 || this.#plain === undefined) return 0;
    return Math.min(this.#length, match < 6 ? first : longest);
  }

  /** A step wrote `accepted + 1` tokens, of which `drafted` were guessed. */
  learn({ drafted, accepted, milliseconds }: { drafted: number; accepted: number; milliseconds: number }): void {
    if (drafted === 0) {
      this.#paused = Math.max(0, this.#paused - 1);
      this.#plain = this.#plain === undefined ? milliseconds : mix(this.#plain, milliseconds);
      return;
    }
    this.#length = accepted === drafted ? Math.min(longest, this.#length * 2) : Math.max(2, accepted + 2);
    this.#gain = mix(this.#gain, (accepted + 1) * (this.#plain ?? 0) - milliseconds);
    if (this.#gain >= 0) {
      if (accepted > 0) this.#pause = firstPause;
      return;
    }
    this.#paused = this.#pause;
    this.#pause = Math.min(longestPause, this.#pause * 2);
    this.#gain = 0;
    this.#length = first / 2;
  }
}

const mix = (before: number, now: number): number => before + smoothing * (now - before);
