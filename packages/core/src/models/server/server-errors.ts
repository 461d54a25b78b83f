import * as z from "zod";

import { TrustError } from "../../protocol/errors.ts";
import { parseJson } from "../../protocol/json.ts";

const Said = z.object({ message: z.string() });
/** The forms in which servers say what went wrong: OpenAI, llama-server, Ollama, vLLM, FastAPI. */
const ErrorBody = z.union([
  z.object({ error: Said }).transform((body) => body.error.message),
  z.object({ error: z.string() }).transform((body) => body.error),
  Said.transform((body) => body.message),
  z.object({ detail: z.string() }).transform((body) => body.detail),
]);

const longestReason = 400;
const contextWords =
  /context (size|length|window)|exceed_context|context_length|maximum context|too many tokens|prompt (is )?too long|input is too long|`?inputs`? tokens|input length/i;

/** A server's refusal as it came: what its status says, and its words. */
export class Refusal extends Error {
  readonly status: number;
  readonly words: string;

  constructor(status: number, words: string) {
    super(`status ${status}`);
    this.name = "Refusal";
    this.status = status;
    this.words = words;
  }
}

/** The refusal behind an error; undefined when it is none. */
export function refusalOf(error: unknown): Refusal | undefined {
  const found = findCause(error, (one) => one instanceof Refusal);
  return found instanceof Refusal ? found : undefined;
}

/** The words in a server's error body, or its beginning when it is none of the known forms. */
export function errorWords(body: string): string {
  try {
    return parseJson(body, ErrorBody, "error");
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return body.replaceAll(/\s+/g, " ").trim().slice(0, longestReason);
  }
}

/** What an HTTP status other than success means for the person. */
export function statusError(status: number, body: string, host: string): TrustError {
  const words = errorWords(body);
  const cause = new Refusal(status, words);
  const said = words === "" ? `status ${status}` : `status ${status}: ${words}`;
  if (status >= 300 && status < 400) {
    return new TrustError("MODEL_FAILED", `${host} redirects elsewhere, which is not followed`, {
      hint: "name the server's final address",
      cause,
    });
  }
  if (status === 401 || status === 403) {
    return new TrustError("MODEL_FAILED", `${host} refused access (${said})`, {
      hint: "set apiKeyVariable to the environment variable that holds the server's key",
      cause,
    });
  }
  // Some servers tell it only by the error's type, which is not among the words.
  if (contextWords.test(body)) return contextError(words, cause);
  if (status === 404) return missingError(said, host, cause);
  return new TrustError(isPassing(status) ? "MODEL_LOST" : "MODEL_FAILED", `${host} answered: ${said}`, { cause });
}

/** The server or what stands before it cannot answer now, and another attempt may fare better. */
const isPassing = (status: number): boolean => status === 408 || status === 429 || (status >= 500 && status !== 501);

/** An error that the server reports in words, in an answer that had begun well. */
export function serverError(words: string, host: string): TrustError {
  const cause = new Refusal(200, words);
  if (contextWords.test(words)) return contextError(words, cause);
  return new TrustError("MODEL_FAILED", `${host} answered: ${words}`, { cause });
}

const contextError = (words: string, cause: Refusal): TrustError =>
  new TrustError("CONTEXT_FULL", `the prompt does not fit the model: ${words}`, { cause });

const missingError = (said: string, host: string, cause: Refusal): TrustError =>
  new TrustError("MODEL_MISSING", `${host} answered: ${said}`, {
    hint: "check the model's name and that the server has loaded it",
    cause,
  });

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was closed",
  EHOSTUNREACH: "there is no way to that machine",
  ENETUNREACH: "there is no way to that network",
  ENOTFOUND: "that name is not known",
  EAI_AGAIN: "that name cannot be looked up",
  ETIMEDOUT: "it did not answer in time",
  UND_ERR_SOCKET: "the connection was closed",
  UND_ERR_CONNECT_TIMEOUT: "it did not answer in time",
};

/** Why a connection failed before an answer began. */
export function connectionError(error: unknown, host: string): TrustError {
  const known = findCause(error, (one) => one instanceof TrustError);
  if (known instanceof TrustError) return known;
  const coded = findCause(error, (one) => codeOf(one) in unreachable);
  const why = unreachable[codeOf(coded)] ?? (error instanceof Error ? error.message : String(error));
  return new TrustError("MODEL_UNREACHABLE", `no model server answers at ${host}: ${why}`, {
    hint: "start the server, or choose another model with -m",
    cause: error,
  });
}

/** Why an answer that had begun broke off. Sockets say it in many forms; programming errors are thrown on. */
export function bodyError(error: unknown, host: string): TrustError {
  if (error instanceof TrustError) return error;
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) throw error;
  const coded = findCause(error, (one) => codeOf(one) in unreachable);
  const why = unreachable[codeOf(coded)] ?? (error instanceof Error ? error.message : String(error));
  return new TrustError("MODEL_LOST", `${host} broke off in the middle of its answer: ${why}`, {
    hint: "check the server's own log and try again",
    cause: error,
  });
}

/** An answer that ends before it is complete. */
export const cutOffError = (host: string): TrustError =>
  new TrustError("MODEL_LOST", `${host} closed the connection in the middle of its reply`);

/** An answer that goes on beyond any sense. `what` names it, as in "a reply". */
export function endlessError(host: string, what: string): TrustError {
  return new TrustError("MODEL_FAILED", `${host} sends ${what} without an end`, {
    hint: "check that it is a model server, or choose another model with -m",
  });
}

function findCause(error: unknown, matches: (one: unknown) => boolean): unknown {
  let current = error;
  while (current instanceof Error && !matches(current)) current = current.cause;
  return current;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
