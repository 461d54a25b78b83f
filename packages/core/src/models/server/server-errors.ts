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
const contextWords = /context (size|length|window)|exceed_context|maximum context|too many tokens/i;

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
  const said = words === "" ? `status ${status}` : `status ${status}: ${words}`;
  if (status >= 300 && status < 400) {
    return new TrustError("MODEL_FAILED", `${host} redirects elsewhere, which is not followed`, {
      hint: "name the server's final address",
    });
  }
  if (status === 401 || status === 403) {
    return new TrustError("MODEL_FAILED", `${host} refused access (${said})`, {
      hint: "set apiKeyVariable to the environment variable that holds the server's key",
    });
  }
  return serverError(said, host, status === 404);
}

/** An error that the server reports in words. */
export function serverError(words: string, host: string, missing = false): TrustError {
  if (contextWords.test(words)) return new TrustError("CONTEXT_FULL", `the prompt does not fit the model: ${words}`);
  const hint = missing ? "check the model's name and that the server has loaded it" : undefined;
  return new TrustError(missing ? "MODEL_MISSING" : "MODEL_FAILED", `${host} answered: ${words}`, { hint });
}

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
  return new TrustError("MODEL_FAILED", `${host} broke off in the middle of its answer: ${why}`, {
    hint: "check the server's own log and try again",
    cause: error,
  });
}

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
