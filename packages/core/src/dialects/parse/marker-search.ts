import type { Reading, Source } from "./source.ts";

/** Finds the first of some markers in a source; the longest of those that begin at one place. */
export class MarkerSearch {
  readonly #pattern: RegExp | undefined;
  readonly #markers: readonly string[];

  constructor(markers: readonly string[]) {
    this.#markers = [...new Set(markers)].filter((marker) => marker !== "").toSorted((a, b) => b.length - a.length);
    const source = this.#markers.map((marker) => RegExp.escape(marker)).join("|");
    this.#pattern = source === "" ? undefined : new RegExp(source, "g");
  }

  has(marker: string): boolean {
    return this.#markers.includes(marker);
  }

  /**
   * Reads on to the first marker, which then comes next, and returns it; undefined at the end of the text.
   * `emit` gets what stands before it as soon as that is certain. An unfinished marker at the end is text, unless the
   * reply was cut off there.
   */
  *find(source: Source, emit: (text: string) => void): Reading<string | undefined> {
    while (true) {
      const found = this.#next(source);
      if (found !== undefined && (source.ended || !this.#mayGrow(source, found))) {
        if (found.index > source.at) emit(source.take(found.index - source.at));
        return found.marker;
      }
      const isOpen = !source.ended || source.truncated;
      const certain = found?.index ?? source.text.length - (isOpen ? this.#held(source) : 0);
      if (certain > source.at) emit(source.take(certain - source.at));
      if (source.ended) {
        source.take(source.text.length);
        return undefined;
      }
      yield;
    }
  }

  /** The offset of the first marker in all the text to come; undefined when there is none. Takes nothing. */
  *lookFor(source: Source, from: number): Reading<number | undefined> {
    let offset = from;
    while (true) {
      const found = this.#next(source, offset);
      if (found !== undefined) return found.index - source.at;
      if (source.ended) return undefined;
      const longest = this.#markers[0]?.length ?? 0;
      offset = Math.max(from, source.text.length - source.at - longest);
      yield;
    }
  }

  #next(source: Source, offset = 0): { marker: string; index: number } | undefined {
    if (this.#pattern === undefined) return undefined;
    this.#pattern.lastIndex = source.at + offset;
    const match = this.#pattern.exec(source.text);
    return match === null ? undefined : { marker: match[0], index: match.index };
  }

  /** A longer marker may still begin at the same place. */
  #mayGrow(source: Source, { marker, index }: { marker: string; index: number }): boolean {
    const longest = this.#markers[0]?.length ?? 0;
    const there = source.text.slice(index, index + longest);
    return this.#markers.some(
      (other) => other.length > there.length && other.length > marker.length && other.startsWith(there),
    );
  }

  /** How many of the last characters may be the beginning of a marker. */
  #held(source: Source): number {
    const longest = this.#markers[0]?.length ?? 0;
    const tail = source.text.slice(Math.max(source.at, source.text.length - longest + 1));
    for (let from = 0; from < tail.length; from++) {
      const end = tail.slice(from);
      if (this.#markers.some((marker) => marker.startsWith(end))) return end.length;
    }
    return 0;
  }
}
