import { setTimeout as sleep } from "node:timers/promises";

import { Agent, type Dispatcher, request } from "undici";
import * as z from "zod";

import { TrustError } from "../../protocol/errors.ts";
import { parseJson } from "../../protocol/json.ts";
import { isLoopbackHost } from "../../protocol/loopback.ts";
import { quoted } from "../quoted.ts";
import { defaultRegistry, isLocalRegistry } from "../reference.ts";
import { type Challenge, parseChallenge } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import { answerError, connectionError, isBrokenConnection, isWorthRetry } from "./failure.ts";

export interface RegistryOptions {
  registry: string;
  /** What the token must allow, such as `repository:team/model:pull`. */
  scopes: readonly string[];
  credentials: Credentials | undefined;
  /** Allows unencrypted connections beyond this machine. */
  plainHttp: boolean;
  /** Refuses every host but this machine. */
  offline: boolean;
  /** Silence that counts as a broken connection. Default: 30 seconds. */
  stallMilliseconds?: number | undefined;
  /** The first pause before trying again; it doubles. Default: 500 ms. */
  backoffMilliseconds?: number | undefined;
}

export interface Call {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  /** Below the registry, or a whole address that it gave. */
  url: string | URL;
  /** What is being tried, for errors: "uploading sha256:…". */
  what: string;
  headers?: Record<string, string>;
  /** Made anew for every try. */
  body?: () => Dispatcher.DispatchOptions["body"];
  signal: AbortSignal;
  /** False: an answer or a break that is worth another try comes to the caller as it is. */
  retries?: false;
}

export type Answer = Dispatcher.ResponseData;

const tries = 5;
const longestPause = 30_000;
const mostRedirects = 5;
const largestAnswer = 64 * 1024;
const TokenAnswer = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** Talks to one registry for one repository. Credentials go to it alone, and to the token service that it names. */
export class RegistryClient implements AsyncDisposable {
  readonly #options: RegistryOptions;
  readonly #base: URL;
  readonly #agent: Agent;
  readonly #stall: number;
  #authorization: string | undefined;

  constructor(options: RegistryOptions) {
    const { registry } = options;
    if (registry === defaultRegistry) {
      throw new TrustError("USAGE", "the name of the kit has no registry", {
        hint: "put one before it, such as registry.example.com/team/model:1.0 or localhost:5000/model:1.0",
      });
    }
    this.#options = options;
    const scheme = options.plainHttp || isLocalRegistry(registry) ? "http" : "https";
    this.#base = new URL(`${scheme}://${registry === "docker.io" ? "registry-1.docker.io" : registry}`);
    this.#stall = options.stallMilliseconds ?? 30_000;
    this.#agent = new Agent({
      allowH2: false,
      connect: { timeout: 10_000 },
      headersTimeout: this.#stall,
      bodyTimeout: this.#stall,
    });
  }

  /** Gives the answer whatever its status, after redirects, signing in and, unless told not to, further tries. */
  async call(call: Call): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      call.signal.throwIfAborted();
      try {
        const answer = await this.#withSignIn(call);
        if (call.retries === false || !isWorthRetry(answer.statusCode) || attempt >= tries) return answer;
        await discard(answer);
        await this.pause(attempt, call.signal, answer.headers["retry-after"]);
      } catch (error) {
        if (call.retries === false) throw error;
        if (!isBrokenConnection(error) || attempt >= tries) throw this.explain(call.what, error);
        await this.pause(attempt, call.signal);
      }
    }
  }

  /** Calls and throws unless the status is one of these. */
  async expect(call: Call, ...statuses: readonly number[]): Promise<Answer> {
    const answer = await this.call(call);
    if (statuses.includes(answer.statusCode)) return answer;
    throw answerError(call.what, answer.statusCode, await textOf(answer));
  }

  explain(what: string, error: unknown): unknown {
    return connectionError(what, error, this.#stall / 1000);
  }

  /** Waits before the next try, as long as the registry asks for, but not endlessly. */
  async pause(attempt: number, signal: AbortSignal, retryAfter?: string | string[]): Promise<void> {
    const asked = Number(retryAfter) * 1000;
    const own = (this.#options.backoffMilliseconds ?? 500) * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
    await sleep(Math.min(Number.isFinite(asked) ? Math.max(asked, own) : own, longestPause), undefined, { signal });
  }

  /** Where the registry says that the upload goes on; a relative address is below it. */
  locate(location: string | string[] | undefined): URL {
    if (typeof location !== "string") throw new TrustError("REGISTRY_FAILED", "the registry gave no upload address");
    return addressIn(location, this.#base, "the upload");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  async #withSignIn(call: Call): Promise<Answer> {
    const { answer, url } = await this.#withRedirects(call);
    if (answer.statusCode !== 401 || url.origin !== this.#base.origin) return answer;
    const authorization = await this.#authorizationFor(answer, call);
    if (authorization === undefined) return answer;
    await discard(answer);
    this.#authorization = authorization;
    return (await this.#withRedirects(call)).answer;
  }

  /** The first of the ways to sign in that is possible. Only for answers of the registry itself. */
  async #authorizationFor({ headers }: Answer, call: Call): Promise<string | undefined> {
    for (const header of [headers["www-authenticate"] ?? []].flat()) {
      const challenge = parseChallenge(header);
      const authorization = challenge === undefined ? undefined : await this.#signIn(challenge, call);
      if (authorization !== undefined) return authorization;
    }
    return undefined;
  }

  /** Also tells who gave the answer: another host's must not be believed as the registry's. */
  async #withRedirects(call: Call): Promise<{ answer: Answer; url: URL }> {
    let url = new URL(call.url, this.#base);
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#send(url, call);
      const { location } = answer.headers;
      const isRedirect = answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === "string";
      if (!isRedirect || (call.method !== "GET" && call.method !== "HEAD")) return { answer, url };
      await discard(answer);
      if (redirects === mostRedirects) throw new TrustError("REGISTRY_FAILED", `${call.what}: too many redirects`);
      url = addressIn(location, url, call.what);
    }
  }

  /** Credentials never leave the registry's own origin. */
  #send(url: URL, { method, headers = {}, body, signal }: Call): Promise<Answer> {
    this.#checkAllowed(url);
    const own = url.origin === this.#base.origin && this.#authorization !== undefined;
    return request(url, {
      method,
      dispatcher: this.#agent,
      signal,
      // The usual 64 KiB stop and start a large download all the time: with this it is half as long.
      highWaterMark: 2 ** 20,
      headers: {
        accept: "*/*",
        "accept-encoding": "identity",
        ...headers,
        ...(own ? { authorization: this.#authorization } : {}),
      },
      ...(body === undefined ? {} : { body: body() ?? null }),
    });
  }

  async #signIn(challenge: Challenge, call: Call): Promise<string | undefined> {
    const { credentials } = this.#options;
    if (challenge.scheme === "basic") return credentials?.kind === "basic" ? credentials.header : undefined;
    const token = credentials?.kind === "token" ? credentials.token : await this.#fetchToken(challenge, call);
    return token === undefined ? undefined : `Bearer ${token}`;
  }

  async #fetchToken(
    { realm, service, scope }: Extract<Challenge, { scheme: "bearer" }>,
    { signal, what }: Call,
  ): Promise<string | undefined> {
    const { credentials, scopes } = this.#options;
    const url = addressIn(realm, this.#base, `${what}: signing in`);
    this.#checkAllowed(url);
    if (service !== undefined) url.searchParams.set("service", service);
    for (const one of new Set([...scopes, ...(scope?.split(" ") ?? [])])) url.searchParams.append("scope", one);
    const headers: Record<string, string> = { accept: "application/json" };
    if (credentials?.kind === "basic") headers["authorization"] = credentials.header;
    const answer = await request(url, { dispatcher: this.#agent, signal, headers });
    const text = await textOf(answer);
    if (answer.statusCode !== 200) throw answerError(`${what}: signing in`, answer.statusCode, text);
    const { token, access_token: accessToken } = parseJson(text, TokenAnswer, "the token", "REGISTRY_FAILED");
    return token ?? accessToken;
  }

  /** Unencrypted connections only where they were from the start, or to this machine. */
  #checkAllowed(url: URL): void {
    const isWeb = url.protocol === "https:" || url.protocol === "http:";
    if (!isWeb) throw new TrustError("REFUSED", `the registry leads to an address with ${url.protocol}`);
    const isHere = isLoopbackHost(url.hostname);
    if (this.#options.offline && !isHere) {
      throw new TrustError("OFFLINE", `a connection to ${url.hostname} was refused: offline mode is on`, {
        hint: "leave out --offline to allow it",
      });
    }
    const isOpen = url.protocol === "http:" && (this.#options.plainHttp || (isHere && this.#base.protocol === "http:"));
    if (url.protocol !== "https:" && !isOpen) {
      throw new TrustError("REFUSED", `${url.origin} is not encrypted`, { hint: "--plain-http allows it" });
    }
  }
}

/** An address that a registry gave. Throws REGISTRY_FAILED for what is none. */
function addressIn(text: string, base: URL, what: string): URL {
  const url = URL.parse(text, base.href);
  if (url !== null) return url;
  throw new TrustError("REGISTRY_FAILED", `${what}: the registry names ${quoted(text)}, which is no address`);
}

/** Reads an answer to its end, so that its connection can be used again. */
export async function discard({ body }: Answer): Promise<void> {
  await body.dump({ limit: largestAnswer }).catch(() => undefined);
}

/** The text of an answer, of which only the beginning counts. */
export async function textOf(answer: Answer, largest = largestAnswer): Promise<string> {
  return (await bytesOf(answer, largest)).toString("utf8");
}

export async function bytesOf({ body }: Answer, largest: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > largest) {
      body.destroy();
      break;
    }
  }
  return Buffer.concat(chunks);
}
