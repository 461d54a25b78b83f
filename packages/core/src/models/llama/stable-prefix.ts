import type { PromptSegment } from "../../dialects/index.ts";
import type { ModelRequest } from "../../ports/model.ts";
import type { ChatTemplate } from "../templates/index.ts";

type Prompt = Pick<ModelRequest, "messages" | "tools">;

/** Finds which segments at the front of a prompt hold the system text and the tools, which sessions share. */
export class StablePrefix {
  #key: string | undefined;
  #front: readonly PromptSegment[] = [];

  /** How many segments; 0 when the template cannot say. */
  async count(
    chat: ChatTemplate,
    { messages, tools }: Prompt,
    { prompt, signal }: { prompt: readonly PromptSegment[]; signal: AbortSignal },
  ): Promise<number> {
    const [first] = messages;
    if (first?.role !== "system" && tools.length === 0) return 0;
    const system = first?.role === "system" ? [first] : [];
    const key = JSON.stringify([system, tools]);
    if (key !== this.#key) {
      this.#front = await chat.render({ messages: system, tools, addGenerationPrompt: false }, signal).catch(() => []);
      this.#key = key;
    }
    return sharedSegments(this.#front, prompt);
  }
}

function sharedSegments(a: readonly PromptSegment[], b: readonly PromptSegment[]): number {
  const differs = a.findIndex((segment, index) => segment.kind !== b[index]?.kind || segment.text !== b[index].text);
  return differs < 0 ? a.length : differs;
}
