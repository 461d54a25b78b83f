import type { ModelRequest } from "../../ports/model.ts";
import { TrustError } from "../../protocol/errors.ts";
import { parseJson } from "../../protocol/json.ts";
import { Tokenized } from "./chat-chunk.ts";
import type { ServerConnection } from "./server-connection.ts";

type Prompt = Pick<ModelRequest, "messages" | "tools">;

/** English text and code have about four bytes a token, CJK three: three never counts too few of either. */
const bytesPerToken = 3;
/** What a template adds around each message. */
const tokensPerMessage = 8;
/** A calibrated estimate keeps this much in reserve. */
const margin = 1.05;
const smallestRatio = 0.3;
const largestRatio = 3;

/** A rough count of the tokens in a text, rather too many than too few. */
export const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / bytesPerToken);

/**
 * Counts a prompt's tokens. llama-server is asked (POST /tokenize, found by one probe). Other servers have no
 * such question, or answer it badly: there the count is an estimate from bytes, corrected by what the server itself counted for
 * the latest reply, and kept 5 % above.
 */
export class TokenCounter {
  readonly #connection: ServerConnection;
  #canTokenize: boolean | undefined;
  #ratio = 1;

  constructor(connection: ServerConnection) {
    this.#connection = connection;
  }

  async count(prompt: Prompt, signal: AbortSignal): Promise<number> {
    if (this.#canTokenize === undefined) {
      const probed = await this.#tokenize("a", signal);
      this.#canTokenize = probed !== undefined;
    }
    const counted = this.#canTokenize ? await this.#tokenize(promptText(prompt), signal) : undefined;
    if (counted !== undefined) return counted + prompt.messages.length * tokensPerMessage;
    return this.estimate(prompt);
  }

  /** Never asks the server. */
  estimate(prompt: Prompt): number {
    return Math.ceil(rawEstimate(prompt) * this.#ratio);
  }

  /** Learns from what the server counted for a prompt. */
  learn(prompt: Prompt, promptTokens: number): void {
    const ratio = (promptTokens * margin) / rawEstimate(prompt);
    this.#ratio = Math.min(largestRatio, Math.max(smallestRatio, ratio));
  }

  async #tokenize(content: string, signal: AbortSignal): Promise<number | undefined> {
    const url = new URL("tokenize", this.#connection.endpoint.root);
    try {
      const text = await this.#connection.text({ method: "POST", url, body: { content } }, signal);
      return parseJson(text, Tokenized, "the token list").tokens.length;
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      // A server that is not there says so at the next reply.
      this.#canTokenize = false;
      return undefined;
    }
  }
}

/** All text of a prompt: close to what a template makes of it. */
function promptText({ messages, tools }: Prompt): string {
  const parts = messages.map((message) => {
    const calls =
      message.role === "assistant" ? message.calls.map(({ name, args }) => JSON.stringify({ name, args })) : [];
    return [message.text, ...calls].join("\n");
  });
  return [...tools.map((tool) => JSON.stringify(tool)), ...parts].join("\n");
}

const rawEstimate = (prompt: Prompt): number =>
  Math.max(1, estimateTokens(promptText(prompt)) + prompt.messages.length * tokensPerMessage);
