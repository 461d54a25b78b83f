/** Finds a marker in text that arrives one UTF-16 unit at a time (Knuth–Morris–Pratt), without keeping the text. */
export class MarkerMatcher {
  readonly #marker: string;
  readonly #fallback: readonly number[];
  #matched = 0;

  constructor(marker: string) {
    this.#marker = marker;
    this.#fallback = fallbackTable(marker);
  }

  /** How many of the last units may still become the marker. */
  get held(): number {
    return this.#matched;
  }

  /** True when `unit` completes the marker. */
  push(unit: string): boolean {
    this.#matched = extend(this.#marker, this.#fallback, this.#matched, unit);
    if (this.#matched < this.#marker.length) return false;
    this.#matched = 0;
    return true;
  }

  reset(): void {
    this.#matched = 0;
  }
}

function extend(marker: string, fallback: readonly number[], matched: number, unit: string): number {
  let length = matched;
  while (length > 0 && marker[length] !== unit) length = fallback[length - 1] ?? 0;
  return marker[length] === unit ? length + 1 : 0;
}

/** For each prefix of the marker: the length of its longest proper prefix that is also its suffix. */
function fallbackTable(marker: string): number[] {
  const table: number[] = [0];
  for (let index = 1; index < marker.length; index++) {
    table.push(extend(marker, table, table[index - 1] ?? 0, marker.charAt(index)));
  }
  return table;
}
