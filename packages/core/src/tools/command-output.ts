import { cutLine } from "../workspace/index.ts";
import type { ToolLimits } from "./limits.ts";
import { counted } from "./outcome.ts";

/** Collects the output of a command in bounded memory: its first and its last bytes. */
export class CommandOutput {
  readonly #half: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #leftOut = 0;

  constructor(maxBytes: number) {
    this.#half = Math.ceil(maxBytes / 2);
  }

  push(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    const first = bytes.subarray(0, this.#half - this.#headBytes);
    if (first.length > 0) this.#head.push(first);
    this.#headBytes += first.length;
    const rest = bytes.subarray(first.length);
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailBytes += rest.length;
    // Cutting only at twice the size keeps the cost of many small pieces linear.
    if (this.#tailBytes > this.#half * 2) this.#shorten();
  }

  /** What was kept, with notes where bytes or lines are missing. */
  text({ resultLines, lineColumns }: Pick<ToolLimits, "resultLines" | "lineColumns">): string {
    this.#shorten();
    const head = Buffer.concat(this.#head).toString("utf8");
    const tail = Buffer.concat(this.#tail).toString("utf8");
    const gap = this.#leftOut === 0 ? "" : `\n... ${counted(this.#leftOut, "byte")} left out ...\n`;
    const lines = (head + gap + tail).trimEnd().split("\n");
    return withoutMiddle(lines, resultLines)
      .map((line) => cutLine(line.replace(/\r$/, ""), lineColumns))
      .join("\n");
  }

  #shorten(): void {
    const excess = this.#tailBytes - this.#half;
    if (excess <= 0) return;
    this.#tail = [Buffer.concat(this.#tail).subarray(excess)];
    this.#tailBytes = this.#half;
    this.#leftOut += excess;
  }
}

/** Errors and totals stand at the end: two thirds of the room go to it. */
function withoutMiddle(lines: readonly string[], maxLines: number): readonly string[] {
  if (lines.length <= maxLines) return lines;
  const first = Math.floor(maxLines / 3);
  const last = maxLines - first;
  const note = `... ${counted(lines.length - maxLines, "line")} left out; to see them, send the output to a file and read it ...`;
  return [...lines.slice(0, first), note, ...lines.slice(-last)];
}
