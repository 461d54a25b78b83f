import * as z from "zod";

import { type ErrorCode, TrustError } from "../../protocol/errors.ts";
import { parseUnknownJson } from "../../protocol/json.ts";
import { oneLine } from "../../protocol/words.ts";

const ErrorBody = z.object({
  errors: z.array(z.object({ code: z.string().optional(), message: z.string().optional() })).min(1),
});

const codes: Readonly<Record<number, readonly [code: ErrorCode, hint: string]>> = {
  401: ["REGISTRY_DENIED", "sign in with docker login, or write credentials.json; trust config path names its folder"],
  403: ["REGISTRY_DENIED", "the account that signed in may not do this"],
  404: ["KIT_MISSING", "check the name, the tag and the rights: registries hide what you may not see"],
};

/** What a registry's answer means for people. `what` is what was tried. */
export function answerError(what: string, status: number, body: string): TrustError {
  const [code, hint] = codes[status] ?? ["REGISTRY_FAILED" as const, undefined];
  const reason = reasonIn(body);
  return new TrustError(code, `${what}: the registry answered ${status}${reason === "" ? "" : ` (${reason})`}`, {
    hint,
  });
}

function reasonIn(body: string): string {
  try {
    const parsed = ErrorBody.safeParse(parseUnknownJson(body, "answer"));
    const [first] = parsed.success ? parsed.data.errors : [];
    const words = [first?.code, first?.message].filter((word) => word !== undefined && word !== "");
    return oneLine(words.join(": ")).slice(0, 300);
  } catch {
    return "";
  }
}

const broken = new Set([
  "UND_ERR_SOCKET",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ENETRESET",
]);

/** Did the connection end in a way that a new one may survive? */
export function isBrokenConnection(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && broken.has(code);
}

export const isWorthRetry = (status: number): boolean => status === 429 || (status >= 500 && status !== 501);

/** Puts a failed connection into words; errors that are not the network's come back as they are. */
export function connectionError(what: string, error: unknown, stallSeconds: number): unknown {
  if (error instanceof TrustError || !(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  if (typeof code !== "string" || error.name === "AbortError") return error;
  const stalled = code === "UND_ERR_BODY_TIMEOUT" || code === "UND_ERR_HEADERS_TIMEOUT";
  const why = stalled
    ? `nothing came for ${stallSeconds} seconds`
    : (reasons[code] ?? `the connection broke (${code})`);
  return new TrustError("REGISTRY_FAILED", `${what}: ${why}`, {
    hint: "what arrived is kept; the same command goes on from there",
    cause: error,
  });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody answers at that address",
  ENOTFOUND: "there is no such host",
  ECONNRESET: "the connection was cut",
  UND_ERR_SOCKET: "the connection was cut",
  UND_ERR_CONNECT_TIMEOUT: "no connection within 10 seconds",
};
