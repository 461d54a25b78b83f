import type { PromptSegment } from "../../dialects/index.ts";
import type { ModelRequest } from "../../ports/model.ts";
import type { ChatTemplate } from "../templates/index.ts";

type Prompt = Pick<ModelRequest, "messages" | "tools">;

/** A prompt of which so many segments at the front are shared by many conversations. */
export interface DividedPrompt {
  prompt: readonly PromptSegment[];
  stable: number;
}

/** Finds the part at the front of a prompt that holds the system text and the tools, which sessions share. */
export class StablePrefix {
  #key: string | undefined;
  #front: readonly PromptSegment[] = [];

  /** The prompt, with a segment's end where that part ends. `specialTokens`: texts that are always tokens of their own. */
  async divide(
    chat: ChatTemplate,
    { messages, tools }: Prompt,
    {
      prompt,
      specialTokens,
      signal,
    }: { prompt: readonly PromptSegment[]; specialTokens: readonly string[]; signal: AbortSignal },
  ): Promise<DividedPrompt> {
    const [first] = messages;
    if (first?.role !== "system" && tools.length === 0) return { prompt, stable: 0 };
    const system = first?.role === "system" ? [first] : [];
    const key = JSON.stringify([system, tools]);
    if (key !== this.#key) {
      this.#front = await chat.render({ messages: system, tools, addGenerationPrompt: false }, signal).catch(() => []);
      this.#key = key;
    }
    return divideAfter(this.#front, prompt, specialTokens);
  }
}

/**
 * Ends a segment where `prompt` stops being `front`, or before: where a special token begins, which no tokenizer joins
 * to the text in front of it.
 * @internal
 */
export function divideAfter(
  front: readonly PromptSegment[],
  prompt: readonly PromptSegment[],
  specialTokens: readonly string[],
): DividedPrompt {
  const same = (segment: PromptSegment, index: number): boolean =>
    segment.kind === front[index]?.kind && segment.text === front[index].text;
  const differs = prompt.findIndex((segment, index) => !same(segment, index));
  if (differs < 0) return { prompt, stable: prompt.length };
  const segment = prompt[differs];
  const before = front[differs];
  if (segment?.kind !== "control" || before?.kind !== "control") return { prompt, stable: differs };
  const cut = lastTokenStart(segment.text, sharedLength(segment.text, before.text), specialTokens);
  if (cut === 0) return { prompt, stable: differs };
  const parts = [segment.text.slice(0, cut), segment.text.slice(cut)].map((text) => ({ ...segment, text }));
  return { prompt: [...prompt.slice(0, differs), ...parts, ...prompt.slice(differs + 1)], stable: differs + 1 };
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** The last place up to `limit` at which a special token begins; 0 when there is none. */
function lastTokenStart(text: string, limit: number, specialTokens: readonly string[]): number {
  // Others may be runs of blanks, which join with what stands before them.
  const markers = specialTokens.filter((token) => /^[<[]/.test(token));
  return Math.max(0, ...markers.map((token) => text.lastIndexOf(token, limit)));
}
