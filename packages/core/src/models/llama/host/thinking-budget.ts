import type { HostThinking } from "../../../protocol/host.ts";

/** Counts tokens between the reasoning markers and says when the block must be closed by force. */
export class ThinkingBudget {
  readonly #budget: HostThinking;
  #inside: boolean;
  #spent = 0;
  #tail = "";

  constructor(budget: HostThinking) {
    this.#budget = budget;
    this.#inside = budget.opened;
  }

  observe(text: string, tokens: number): void {
    this.#tail += text;
    const marker = this.#inside ? this.#budget.close : this.#budget.open;
    if (this.#inside) this.#spent += tokens;
    // A thought that only the prompt opens has no marker of its own.
    const at = marker === "" ? -1 : this.#tail.indexOf(marker);
    if (at >= 0) {
      this.#inside = !this.#inside;
      this.#tail = this.#tail.slice(at + marker.length);
    }
    const longest = Math.max(this.#budget.open.length, this.#budget.close.length);
    this.#tail = this.#tail.slice(-longest);
  }

  /** The text that ends the reasoning, once its budget is spent. */
  closing(): string | undefined {
    return this.#inside && this.#spent >= this.#budget.tokens ? this.#budget.close : undefined;
  }
}
