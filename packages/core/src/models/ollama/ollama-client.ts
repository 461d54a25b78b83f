import { Ollama } from "ollama/browser";

import type { ModelRequest } from "../../ports/model.ts";
import { TrustError } from "../../protocol/errors.ts";
import { checkValue, parseUnknownJson } from "../../protocol/json.ts";
import type { Call, ServerConnection } from "../server/server-connection.ts";
import { endlessError, errorWords, serverError } from "../server/server-errors.ts";
import { chatRequest } from "./chat-request.ts";
import { ChatLine, RunningModels, ShownModel } from "./wire.ts";

/** Far above any line of a reply; in UTF-16 units. */
const longestLine = 8 * 1024 * 1024;

/**
 * The `ollama` package over our own connection, which holds the time limits and never leaves its server. What the
 * package would print to the console (answers that are no JSON, error pages) is refused before it sees it.
 */
export class OllamaClient {
  readonly #connection: ServerConnection;

  constructor(connection: ServerConnection) {
    this.#connection = connection;
  }

  get host(): string {
    return this.#connection.endpoint.root.host;
  }

  get isLocal(): boolean {
    return this.#connection.endpoint.local;
  }

  async show(model: string, signal: AbortSignal): Promise<ShownModel> {
    const shown = await this.#whole((call) => this.#connection.text(call, signal)).show({ model });
    return checkValue(shown, ShownModel, `${this.host} on ${model}`, "MODEL_FAILED");
  }

  async running(signal: AbortSignal): Promise<RunningModels> {
    const running = await this.#whole((call) => this.#connection.text(call, signal)).ps();
    return checkValue(running, RunningModels, `what ${this.host} runs`, "MODEL_FAILED");
  }

  /** Takes the model into memory with this window. */
  async load(model: string, contextSize: number, signal: AbortSignal): Promise<void> {
    await this.#whole((call) => this.#slowText(call, signal)).chat({
      model,
      messages: [],
      options: { num_ctx: contextSize },
    });
  }

  /** Ends after the line that is done; throws when the connection ends before it. */
  async *chat(
    model: string,
    contextSize: number,
    request: ModelRequest,
    signal: AbortSignal,
  ): AsyncGenerator<ChatLine, void, void> {
    const stopped = new AbortController();
    const both = AbortSignal.any([signal, stopped.signal]);
    const replies: AsyncGenerator<Uint8Array, void, void>[] = [];
    const ollama = this.#package((call) => {
      const lines = this.#lines(this.#connection.parts(call, both));
      replies.push(lines);
      return new Response(ReadableStream.from(lines));
    });
    try {
      const lines = await ollama.chat(chatRequest(model, contextSize, request));
      for await (const line of lines) yield checkValue(line, ChatLine, `a line from ${this.host}`, "MODEL_FAILED");
    } finally {
      // The package leaves its reply open, and with it the connection and its timer, whenever it stops reading.
      stopped.abort();
      for (const lines of replies) await lines.return();
    }
  }

  /** For answers that are not streamed. `read` gives the whole text. */
  #whole(read: (call: Call) => Promise<string>): Ollama {
    return this.#package(async (call) => {
      const text = await read(call);
      parseUnknownJson(text, `the answer of ${this.host}`, "MODEL_FAILED");
      return new Response(text);
    });
  }

  #package(answer: (call: Call) => Response | Promise<Response>): Ollama {
    const send: typeof fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const method = init?.method === "POST" ? "POST" : "GET";
      return answer({ method, url, ...(typeof init?.body === "string" ? { body: init.body } : {}) });
    };
    return new Ollama({ host: this.#connection.endpoint.root.href, fetch: send });
  }

  async #slowText(call: Call, signal: AbortSignal): Promise<string> {
    let text = "";
    for await (const part of this.#connection.parts(call, signal)) {
      text += part;
      if (text.length > longestLine) throw endlessError(call.url.host, "an answer");
    }
    return text;
  }

  /** The lines of a reply as bytes, each checked to be JSON and no error. */
  async *#lines(parts: AsyncIterable<string>): AsyncGenerator<Uint8Array, void, void> {
    const encoder = new TextEncoder();
    let rest = "";
    let isDone = false;
    for await (const part of parts) {
      const lines = (rest + part).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > longestLine) throw endlessError(this.host, "a line");
      for (const line of lines) {
        if (line.trim() === "") continue;
        isDone = this.#check(line);
        yield encoder.encode(`${line}\n`);
      }
    }
    if (rest.trim() !== "" && !isDone) {
      isDone = this.#check(rest);
      yield encoder.encode(`${rest}\n`);
    }
    if (!isDone) throw new TrustError("MODEL_FAILED", `${this.host} closed the connection in the middle of its reply`);
  }

  #check(line: string): boolean {
    const value = parseUnknownJson(line, `a line from ${this.host}`, "MODEL_FAILED");
    if (typeof value !== "object" || value === null) {
      throw new TrustError("MODEL_FAILED", `${this.host} sends lines that are no part of a reply`);
    }
    if ("error" in value) throw serverError(errorWords(line), this.host);
    return "done" in value && value.done === true;
  }
}
