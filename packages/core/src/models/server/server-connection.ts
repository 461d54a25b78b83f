import { connect } from "node:net";

import { Agent, type Dispatcher, request } from "undici";
import type * as z from "zod";

import { TrustError } from "../../protocol/errors.ts";
import { parseJson } from "../../protocol/json.ts";
import type { Endpoint } from "./endpoint.ts";
import { Liveness } from "./liveness.ts";
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
/** A server that only thinks still takes connections. */
const checkSeconds = 20;
const checkMilliseconds = 5000;

export interface ConnectionOptions {
  apiKey: string | undefined;
  /** How long the server may say nothing at all in a reply, though it is there, before it counts as dead. */
  silenceSeconds: number;
  /** After how much silence to see whether the server is still there. Default: 20. */
  checkSeconds?: number;
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

  /** The checked answer of a GET below the root; undefined when there is none, or it is something else. */
  async ask<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T | undefined> {
    const url = new URL(path, this.endpoint.root);
    try {
      return parseJson(await this.text({ method: "GET", url }, signal), schema, url.host);
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      return undefined;
    }
  }

  /**
   * The text of a reply as it arrives. Every byte is a sign of life, and so is a server that still takes connections:
   * reading a long prompt may take it an hour. Throws MODEL_UNREACHABLE when it is gone, or silent beyond any sense.
   */
  async *parts(call: Call, signal: AbortSignal): AsyncGenerator<string, void, void> {
    using watch = new Liveness({
      silenceSeconds: this.#options.silenceSeconds,
      checkSeconds: this.#options.checkSeconds ?? checkSeconds,
      isThere: () => takesConnections(call.url),
      silent: () => this.#silenceError(),
      gone: () => goneError(call.url.host),
    });
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

function takesConnections({ protocol, hostname, port }: URL): Promise<boolean> {
  const usual = protocol === "https:" ? 443 : 80;
  const host = hostname.replace(/^\[|\]$/g, "");
  const socket = connect({ host, port: port === "" ? usual : Number(port), timeout: checkMilliseconds });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once("connect", () => resolve(true));
  socket.once("timeout", () => resolve(false));
  socket.once("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}

const goneError = (host: string): TrustError =>
  new TrustError("MODEL_UNREACHABLE", `${host} is gone in the middle of its answer: it takes no connections`, {
    hint: "check the server's own log, or choose another model with -m",
  });

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
