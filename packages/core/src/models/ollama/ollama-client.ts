import { Ollama } from "ollama/browser";
import type * as z from "zod";

import { checkValue, parseUnknownJson } from "../../protocol/json.ts";
import type { Call, ServerConnection } from "../server/server-connection.ts";
import { endlessError } from "../server/server-errors.ts";
import type { WholeChatRequest, WholeGenerateRequest } from "./chat-request.ts";
import { checkedLines, longestLine } from "./checked-lines.ts";
import {
  ChatLine,
  GeneratedLine,
  ListedModels,
  PullLine,
  type ReplyLine,
  RunningModels,
  ShownModel,
  Version,
} from "./wire.ts";

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

  /** The models that the server has. */
  async list(signal: AbortSignal): Promise<ListedModels> {
    const listed = await this.#whole((call) => this.#connection.text(call, signal)).list();
    return checkValue(listed, ListedModels, `the models of ${this.host}`, "MODEL_FAILED");
  }

  async version(signal: AbortSignal): Promise<string> {
    const told = await this.#whole((call) => this.#connection.text(call, signal)).version();
    return checkValue(told, Version, `the version of ${this.host}`, "MODEL_FAILED").version;
  }

  /** Takes the model into memory with this window. */
  async load(model: string, contextSize: number, signal: AbortSignal): Promise<void> {
    await this.#whole((call) => this.#slowText(call, signal)).chat({
      model,
      messages: [],
      options: { num_ctx: contextSize },
    });
  }

  /** Takes the model out of memory, once what it is doing is done. */
  async unload(model: string, signal: AbortSignal): Promise<void> {
    await this.#whole((call) => this.#slowText(call, signal)).chat({ model, messages: [], keep_alive: 0 });
  }

  /** Ends after the line that is done; throws when the connection ends before it. */
  chat(request: WholeChatRequest, signal: AbortSignal): AsyncGenerator<ReplyLine, void, void> {
    return this.#lines(signal, (ollama) => ollama.chat(request), ChatLine);
  }

  /** The same for a prompt that is rendered already. */
  generate(request: WholeGenerateRequest, signal: AbortSignal): AsyncGenerator<ReplyLine, void, void> {
    return this.#lines(signal, (ollama) => ollama.generate(request), GeneratedLine);
  }

  /** Has the server fetch a model; what was fetched before is not fetched again. */
  pull(model: string, signal: AbortSignal): AsyncGenerator<PullLine, void, void> {
    return this.#lines(signal, (ollama) => ollama.pull({ model, stream: true }), PullLine);
  }

  async *#lines<Line>(
    signal: AbortSignal,
    start: (ollama: Ollama) => Promise<AsyncIterable<unknown>>,
    schema: z.ZodType<Line>,
  ): AsyncGenerator<Line, void, void> {
    const stopped = new AbortController();
    const both = AbortSignal.any([signal, stopped.signal]);
    const answers: AsyncGenerator<Uint8Array, void, void>[] = [];
    const ollama = this.#package((call) => {
      const lines = checkedLines(this.#connection.parts(call, both), this.host);
      answers.push(lines);
      return new Response(ReadableStream.from(lines));
    });
    try {
      for await (const line of await start(ollama)) {
        yield checkValue(line, schema, `a line from ${this.host}`, "MODEL_FAILED");
      }
    } finally {
      // The package leaves its reply open, and with it the connection and its timer, whenever it stops reading.
      stopped.abort();
      for (const lines of answers) await lines.return();
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
}
