import type { ChatEvent, ToolPart, ToView, ViewState } from "./messages.ts";

/** Tells a view what happens, and remembers it for a view that is shown later. */
export class Transcript {
  readonly #post: (message: ToView) => void;
  readonly #states = new Map<ViewState["type"], ViewState>();
  #events: ChatEvent[] = [];

  constructor(post: (message: ToView) => void) {
    this.#post = post;
  }

  add(event: ChatEvent): void {
    const last = this.#events.at(-1);
    if ((event.type === "text" || event.type === "thought") && last?.type === event.type) {
      this.#events[this.#events.length - 1] = { ...last, text: last.text + event.text };
    } else {
      this.#events.push(event);
    }
    this.#post(event);
  }

  setState(state: ViewState): void {
    this.#states.set(state.type, state);
    this.#post(state);
  }

  state<Type extends ViewState["type"]>(type: Type): Extract<ViewState, { type: Type }> | undefined {
    return this.#states.get(type) as Extract<ViewState, { type: Type }> | undefined;
  }

  /** Forgets the conversation and what belongs to it. */
  reset(): void {
    this.#events = [];
    this.#states.delete("usage");
    this.#states.delete("title");
    this.#states.delete("plan");
    this.#post({ type: "reset" });
  }

  /** The files that a tool call changes. */
  changesOf(toolId: string): Extract<ToolPart, { type: "diff" }>[] {
    const cards = this.#events.filter((event) => event.type === "tool" && event.id === toolId);
    const parts = cards.flatMap((event) => (event.type === "tool" ? (event.parts ?? []) : []));
    const diffs = parts.filter((part) => part.type === "diff");
    return [...new Map(diffs.map((diff) => [diff.path, diff])).values()];
  }

  replay(): ToView[] {
    return [{ type: "reset" }, ...this.#states.values(), ...this.#events];
  }
}
