import type { ChatInputParts } from "./chat-input.ts";

/** Files are read when typing pauses for this long. */
const pauseMilliseconds = 200;

/** Shows, while a message is written, what it takes along for each `@`. */
export class MentionWatch {
  readonly #parts: Pick<ChatInputParts, "controller" | "runner" | "screen">;
  #timer: NodeJS.Timeout | undefined;
  #looking = new AbortController();

  constructor(parts: Pick<ChatInputParts, "controller" | "runner" | "screen">) {
    this.#parts = parts;
  }

  look(text: string): void {
    this.#stop();
    if (text.includes("@")) this.#timer = setTimeout(() => void this.#describe(text), pauseMilliseconds);
    else this.#show([]);
  }

  clear(): void {
    this.#stop();
    this.#show([]);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#looking.abort();
  }

  async #describe(text: string): Promise<void> {
    const looking = new AbortController();
    this.#looking = looking;
    try {
      const mentions = await this.#parts.controller.describeMentions(text, looking.signal);
      if (!looking.signal.aborted) this.#show(mentions);
    } catch (error) {
      if (!looking.signal.aborted) this.#parts.runner.report(error);
    }
  }

  #show(mentions: readonly string[]): void {
    const { screen } = this.#parts;
    if (mentions.length + screen.current().mentions.length > 0) screen.dispatch({ mentions });
  }
}
