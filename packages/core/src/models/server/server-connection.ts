import { Agent, type Dispatcher, request } from "undici";

import { TrustError } from "../../protocol/errors.ts";
import type { Endpoint } from "./endpoint.ts";
import { bodyError, connectionError, endlessError, statusError } from "./server-errors.ts";
import { SilenceWatch } from "./silence-watch.ts";

/** A dead server on this machine is reported within a second. */
const localConnectMilliseconds = 900;
const remoteConnectMilliseconds = 10_000;
const longestErrorBytes = 64 * 1024;
/** Far above any list of models or tokens; in UTF-16 units. */
const longestAnswer = 16 * 1024 * 1024;
/** For a whole answer that is not a reply; such questions cost a server next to nothing. */
const answerSeconds = 5;

export interface ConnectionOptions {
  apiKey: string | undefined;
  /** How long the server may say nothing at all in a reply before it counts as dead. */
  silenceSeconds: number;
}

/** `body` is JSON text. */
export interface Call {
  method: "GET" | "POST";
  url: URL;
  body?: string;
}

/** HTTP to one server. Nothing is retried, redirects are not followed, and the key goes nowhere else. */
export class ServerConnection implements AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly #options: ConnectionOptions;
  readonly #agent: Agent;

  constructor(endpoint: Endpoint, options: ConnectionOptions) {
    this.endpoint = endpoint;
    this.#options = options;
    const timeout = endpoint.local ? localConnectMilliseconds : remoteConnectMilliseconds;
    this.#agent = new Agent({ connect: { timeout }, headersTimeout: 0, bodyTimeout: 0 });
  }

  /**
   * The body of a successful answer to a quick question. Throws MODEL_UNREACHABLE, also when it is not complete
   * within 5 s, MODEL_FAILED when it breaks off or does not end, or what the server's status means.
   */
  async text(call: Call, signal: AbortSignal): Promise<string> {
    const seconds = Math.min(answerSeconds, this.#options.silenceSeconds);
    using deadline = new SilenceWatch(seconds, () => lateError(call.url.host, seconds));
    const parts: string[] = [];
    let length = 0;
    for await (const part of this.#answer(call, AbortSignal.any([signal, deadline.signal]))) {
      length += part.length;
      if (length > longestAnswer) throw endlessError(call.url.host, "an answer");
      parts.push(part);
    }
    return parts.join("");
  }

  /** The text of a reply as it arrives. Throws MODEL_UNREACHABLE when nothing comes for too long. */
  async *parts(call: Call, signal: AbortSignal): AsyncGenerator<string, void, void> {
    using watch = new SilenceWatch(this.#options.silenceSeconds, () => this.#silenceError());
    for await (const part of this.#answer(call, AbortSignal.any([signal, watch.signal]))) {
      watch.heard();
      yield part;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  async *#answer(call: Call, signal: AbortSignal): AsyncGenerator<string, void, void> {
    const { host } = call.url;
    const { statusCode, body } = await this.#send(call, signal);
    const decoder = new TextDecoder();
    try {
      if (statusCode !== 200) throw statusError(statusCode, await beginning(body), host);
      for await (const bytes of body) yield decoder.decode(bytes as Uint8Array, { stream: true });
    } catch (error) {
      signal.throwIfAborted();
      throw bodyError(error, host);
    }
    yield decoder.decode();
  }

  async #send({ method, url, body }: Call, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { apiKey } = this.#options;
    const headers = {
      accept: "text/event-stream, application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    };
    try {
      return await request(url, { method, headers, body: body ?? null, signal, dispatcher: this.#agent });
    } catch (error) {
      signal.throwIfAborted();
      throw connectionError(error, url.host);
    }
  }

  #silenceError(): TrustError {
    const { silenceSeconds } = this.#options;
    return new TrustError("MODEL_UNREACHABLE", `${this.endpoint.api.host} said nothing for ${silenceSeconds} s`, {
      hint: "check the server's own log, or choose another model with -m",
    });
  }
}

function lateError(host: string, seconds: number): TrustError {
  return new TrustError("MODEL_UNREACHABLE", `${host} accepts connections, but did not answer within ${seconds} s`, {
    hint: "check that it is a model server and its own log, or choose another model with -m",
  });
}

async function beginning(body: AsyncIterable<unknown>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of body) {
    text += decoder.decode(bytes as Uint8Array, { stream: true });
    if (text.length > longestErrorBytes) break;
  }
  return text;
}
