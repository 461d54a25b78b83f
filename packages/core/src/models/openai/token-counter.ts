import { TrustError } from "../../protocol/errors.ts";
import { parseJson } from "../../protocol/json.ts";
import type { ServerConnection } from "../server/server-connection.ts";
import { type Prompt, promptText, TokenEstimate, tokensPerMessage } from "../server/token-estimate.ts";
import { Tokenized } from "./chat-chunk.ts";

/**
 * Counts a prompt's tokens. llama-server is asked (POST /tokenize, found by one probe). Other servers have no
 * such question, or answer it badly: there the count is an estimate.
 */
export class TokenCounter {
  readonly #connection: ServerConnection;
  readonly #estimate = new TokenEstimate();
  #canTokenize: boolean | undefined;

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
    return this.#estimate.of(prompt);
  }

  /** Learns from what the server counted for a prompt. */
  learn(prompt: Prompt, promptTokens: number): void {
    this.#estimate.learn(prompt, promptTokens);
  }

  async #tokenize(content: string, signal: AbortSignal): Promise<number | undefined> {
    const url = new URL("tokenize", this.#connection.endpoint.root);
    try {
      const text = await this.#connection.text({ method: "POST", url, body: JSON.stringify({ content }) }, signal);
      return parseJson(text, Tokenized, "the token list").tokens.length;
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      // A server that is not there says so at the next reply.
      this.#canTokenize = false;
      return undefined;
    }
  }
}
