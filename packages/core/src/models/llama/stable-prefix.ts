import type { PromptSegment } from "../../dialects/index.ts";
import type { ModelRequest } from "../../ports/model.ts";
import type { ChatTemplate } from "../templates/index.ts";

/** Renders how a prompt begins that has this system text and these tools, up to what a person says. */
export class StablePrefix {
  #key: string | undefined;
  #front: PromptSegment[] = [];

  /** Empty when nothing comes before what a person says. Rendered once as long as it stays the same. */
  async front(
    chat: ChatTemplate,
    { messages, tools }: Pick<ModelRequest, "messages" | "tools">,
    signal: AbortSignal,
  ): Promise<readonly PromptSegment[]> {
    const [first] = messages;
    const system = first?.role === "system" ? [first] : [];
    if (system.length === 0 && tools.length === 0) return [];
    const key = JSON.stringify([system, tools]);
    if (key !== this.#key) {
      const beginning = { messages: [...system, anyone], tools, addGenerationPrompt: false };
      // Nothing is lost where a template cannot: then no front is kept on disk.
      this.#front = await chat.render(beginning, signal).catch(() => []);
      this.#key = key;
    }
    return this.#front;
  }
}

/** Nobody's first words: prompts share what is in front of them. */
const anyone = { role: "user", text: "\u2026" } as const;
