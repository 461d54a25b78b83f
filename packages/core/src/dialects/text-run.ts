import { MarkerMatcher } from "./marker-matcher.ts";

const blank = /\s/;

/** `leading` markers count only before the first text of a run. */
export interface RunMarkers {
  anywhere: readonly string[];
  leading: readonly string[];
}

/**
 * Text up to one of some markers. What may become a marker is held back, and so are blanks until text follows:
 * those that turn out to stand before a marker are dropped.
 */
export class TextRun {
  readonly #anywhere: ReadonlyMap<string, MarkerMatcher>;
  readonly #leading: ReadonlyMap<string, MarkerMatcher>;
  readonly #keepsLeadingBlanks: boolean;
  #hasText = false;
  /** The end of what was read, as long as it may become a marker. */
  #candidate = "";
  #blanks = "";
  #ready = "";

  constructor(markers: RunMarkers, keepsLeadingBlanks: boolean) {
    this.#anywhere = matchers(markers.anywhere);
    this.#leading = matchers(markers.leading);
    this.#keepsLeadingBlanks = keepsLeadingBlanks;
  }

  /** Returns the marker that `unit` completes; then `take` gives the text before it, and the run is over. */
  push(unit: string): string | undefined {
    this.#candidate += unit;
    let held = 0;
    for (const matching of this.#hasText ? [this.#anywhere] : [this.#anywhere, this.#leading]) {
      for (const [marker, matcher] of matching) {
        if (matcher.push(unit)) {
          this.#release(this.#candidate.slice(0, -marker.length));
          return marker;
        }
        held = Math.max(held, matcher.held);
      }
    }
    const free = this.#candidate.length - held;
    this.#release(this.#candidate.slice(0, free));
    this.#candidate = this.#candidate.slice(free);
    return undefined;
  }

  /** Text that became certain since the last call. */
  take(): string {
    const ready = this.#ready;
    this.#ready = "";
    return ready;
  }

  /** The rest, when the reply ends here. An unfinished marker is text, unless the reply was cut off. */
  finish(truncated: boolean): string {
    if (!truncated) this.#release(this.#candidate);
    return this.take() + (this.#hasText ? this.#blanks : "");
  }

  #release(text: string): void {
    for (let index = 0; index < text.length; index++) {
      const unit = text.charAt(index);
      if (blank.test(unit)) {
        this.#blanks += unit;
        continue;
      }
      if (this.#hasText || this.#keepsLeadingBlanks) this.#ready += this.#blanks;
      this.#ready += unit;
      this.#blanks = "";
      this.#hasText = true;
    }
  }
}

function matchers(markers: readonly string[]): Map<string, MarkerMatcher> {
  return new Map(markers.map((marker) => [marker, new MarkerMatcher(marker)]));
}
