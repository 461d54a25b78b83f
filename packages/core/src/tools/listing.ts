import { cutLine } from "../workspace/index.ts";
import type { ToolLimits } from "./limits.ts";
import { counted } from "./outcome.ts";

/** Beyond this many the rest is not even counted. */
const mostCounted = 100_000;

/** Keeps the first lines of a long result and counts the rest. */
export class Listing {
  total = 0;
  readonly #limits: ToolLimits;
  readonly #lines: string[] = [];
  #bytes = 0;

  constructor(limits: ToolLimits) {
    this.#limits = limits;
  }

  /** False when it is pointless to go on. */
  add(line: string): boolean {
    this.total += 1;
    const cut = cutLine(line, this.#limits.lineColumns);
    this.#bytes += Buffer.byteLength(cut) + 1;
    const fits = this.#lines.length < this.#limits.resultLines && this.#bytes <= this.#limits.resultBytes;
    if (fits || this.#lines.length === 0) this.#lines.push(cut);
    return this.total < mostCounted;
  }

  /** The kept lines, and a last one that counts what is missing and gives `advice`. */
  text(one: string, advice: string, many = `${one}s`): string {
    const left = this.total - this.#lines.length;
    if (left === 0) return this.#lines.join("\n");
    const more = counted(left, `more ${one}`, `more ${many}`);
    return [...this.#lines, `... ${this.#isCounted ? "" : "at least "}${more}. ${advice}`].join("\n");
  }

  summary(one: string, many = `${one}s`): string {
    return `${this.#isCounted ? "" : "at least "}${counted(this.total, one, many)}`;
  }

  get #isCounted(): boolean {
    return this.total < mostCounted;
  }
}
