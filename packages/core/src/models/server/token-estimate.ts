import type { ModelRequest } from "../../ports/model.ts";

export type Prompt = Pick<ModelRequest, "messages" | "tools">;

/** English text and code have about four bytes a token, CJK three: three never counts too few of either. */
const bytesPerToken = 3;
/** What a template adds around each message. */
export const tokensPerMessage = 8;
/** A calibrated estimate keeps this much in reserve. */
const margin = 1.05;
const smallestRatio = 0.3;
const largestRatio = 3;

/** A rough count of the tokens in a text, rather too many than too few. */
export const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / bytesPerToken);

/** Guesses a prompt's tokens from its bytes, corrected by what the server itself counted for the latest reply, and kept 5 % above. */
export class TokenEstimate {
  #ratio = 1;

  of(prompt: Prompt): number {
    return Math.ceil(rawEstimate(prompt) * this.#ratio);
  }

  /** Learns from what the server counted for a prompt. */
  learn(prompt: Prompt, promptTokens: number): void {
    const ratio = (promptTokens * margin) / rawEstimate(prompt);
    this.#ratio = Math.min(largestRatio, Math.max(smallestRatio, ratio));
  }
}

/** All text of a prompt: close to what a template makes of it. */
export function promptText({ messages, tools }: Prompt): string {
  const parts = messages.map((message) => {
    const calls =
      message.role === "assistant" ? message.calls.map(({ name, args }) => JSON.stringify({ name, args })) : [];
    return [message.text, ...calls].join("\n");
  });
  return [...tools.map((tool) => JSON.stringify(tool)), ...parts].join("\n");
}

const rawEstimate = (prompt: Prompt): number =>
  Math.max(1, estimateTokens(promptText(prompt)) + prompt.messages.length * tokensPerMessage);
