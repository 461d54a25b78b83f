import type { DialectParser } from "../../dialects/index.ts";
import type { ModelRequest } from "../../ports/model.ts";
import type { ModelEvent } from "../../protocol/model-events.ts";
import type { ServerConnection } from "../server/server-connection.ts";
import { refusalOf } from "../server/server-errors.ts";
import { readChatChunk } from "./chat-reader.ts";
import { chatRequest, isBoundCall } from "./chat-request.ts";
import type { Reply } from "./reply.ts";
import { responseReader } from "./responses-reader.ts";
import { responsesRequest } from "./responses-request.ts";
import { serverEvents } from "./server-events.ts";
import { isRouteMissing, learnFrom, type ServerTraits, usualTraits, withoutChoice } from "./server-traits.ts";

interface Question {
  model: string;
  request: ModelRequest;
  reply: Reply;
  /** Reads a reply that is bound to be one call. */
  readCall: () => DialectParser;
}

/**
 * Asks a server in the way that it was found to speak. It is asked as most servers take it; a request that is
 * refused for one of its fields, or for its address, is sent again in another way, and that is remembered.
 */
export class ServerSpeech {
  readonly #connection: ServerConnection;
  #traits: ServerTraits = usualTraits;

  constructor(connection: ServerConnection) {
    this.#connection = connection;
  }

  /** Reads one reply into `question.reply`. Throws what the server's refusal or its silence means. */
  async *ask(question: Question, signal: AbortSignal): AsyncGenerator<ModelEvent, void, void> {
    let first: unknown;
    while (true) {
      const body = this.#bodyOf(question);
      if (isBoundCall(question.request, this.#traits)) question.reply.readText = question.readCall;
      let hasBegun = false;
      try {
        for await (const event of this.#read(body, question.reply, signal)) {
          hasBegun = true;
          yield event;
        }
        return;
      } catch (error) {
        first ??= error;
        if (hasBegun || !this.#learn(error, body)) throw this.#lastWord(error, first);
      }
    }
  }

  /** The server took the wish for a call and did not fulfil it. Whether there is another way to ask. */
  giveUpChoice(): boolean {
    const next = withoutChoice(this.#traits);
    if (next === undefined) return false;
    this.#traits = next;
    return next.toolChoice === "schema";
  }

  #bodyOf({ model, request }: Question): Record<string, unknown> {
    const write = this.#traits.api === "chat" ? chatRequest : responsesRequest;
    return write(model, request, this.#traits);
  }

  async *#read(
    body: Record<string, unknown>,
    reply: Reply,
    signal: AbortSignal,
  ): AsyncGenerator<ModelEvent, void, void> {
    const isChat = this.#traits.api === "chat";
    const read = isChat ? readChatChunk : responseReader();
    const url = new URL(isChat ? "chat/completions" : "responses", this.#connection.endpoint.api);
    const call = { method: "POST", url, body: JSON.stringify(body) } as const;
    for await (const data of serverEvents(this.#connection, call, signal)) {
      yield* read(data, reply);
      this.#traits = { ...this.#traits, isApiProven: true };
      // Behind the last chunk of a chat there is still its usage.
      if (isChat ? data === "[DONE]" : reply.isDone) break;
    }
    const { thoughtField } = reply;
    if (thoughtField !== undefined) this.#traits = { ...this.#traits, thoughtField };
  }

  /** Whether there is another way to ask. */
  #learn(error: unknown, body: Record<string, unknown>): boolean {
    const refusal = refusalOf(error);
    const next = refusal === undefined ? undefined : learnFrom(this.#traits, refusal, body);
    if (next === undefined) return false;
    this.#traits = next;
    return true;
  }

  /** Where neither address is there, the usual one's refusal says more, and is asked first the next time. */
  #lastWord(error: unknown, first: unknown): unknown {
    const { api, isApiProven } = this.#traits;
    const refusal = refusalOf(error);
    if (api === "chat" || isApiProven || refusal === undefined || !isRouteMissing(refusal)) return error;
    this.#traits = { ...this.#traits, api: "chat" };
    return first;
  }
}
