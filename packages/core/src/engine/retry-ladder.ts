/** What follows a call that could not be used. */
export type Rung = "explain" | "force" | "stop";

const rungs: readonly Rung[] = ["explain", "force", "stop"];

/** Counts, for each tool of a turn, the replies in a row whose calls could not be used. */
export class RetryLadder {
  readonly #failures = new Map<string, number>();

  failed(tool: string): Rung {
    const failures = (this.#failures.get(tool) ?? 0) + 1;
    this.#failures.set(tool, failures);
    return rungs[failures - 1] ?? "stop";
  }

  succeeded(tool: string): void {
    if (!this.isStopped(tool)) this.#failures.delete(tool);
  }

  isStopped(tool: string): boolean {
    return (this.#failures.get(tool) ?? 0) >= rungs.length;
  }

  /** Calls are written in another way from now on. */
  reset(): void {
    this.#failures.clear();
  }
}
