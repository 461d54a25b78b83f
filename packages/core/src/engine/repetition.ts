import type { ToolCall } from "../protocol/tool-call.ts";

/** Counts calls by name, canonical arguments and result, to notice a model that goes in circles. */
export class RepetitionWatch {
  readonly #counts = new Map<string, number>();
  readonly #results = new Map<string, string>();

  /** How often this very call has already given one and the same result. */
  seen(call: ToolCall): number {
    return this.#counts.get(callKey(call)) ?? 0;
  }

  /** Returns what is the same for the same call with the same result. */
  record(call: ToolCall, result: string): string {
    const key = callKey(call);
    const same = this.#results.get(key) === result;
    this.#results.set(key, result);
    this.#counts.set(key, same ? this.seen(call) + 1 : 1);
    return `${key} ${result}`;
  }

  /** A call that was not run because it was seen too often: its result is the one that is known. */
  recordUnrun(call: ToolCall): string {
    return this.record(call, this.#results.get(callKey(call)) ?? "");
  }

  /** After `change` every other call may give something new, so that only its own count goes on. */
  forgetAllBut(change: ToolCall): void {
    const own = callKey(change);
    for (const key of this.#counts.keys()) {
      if (key === own) continue;
      this.#counts.delete(key);
      this.#results.delete(key);
    }
  }

  /** The largest number of times that any call was repeated with an unchanged result. */
  get most(): number {
    return Math.max(0, ...this.#counts.values());
  }
}

function callKey(call: ToolCall): string {
  return `${call.name} ${canonical(call.args)}`;
}

/** JSON with sorted keys, so that the order in which a model writes arguments does not matter. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
