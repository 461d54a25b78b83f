import type * as z from "zod";

import { type ErrorCode, TrustError } from "./errors.ts";
import { oneLine } from "./words.ts";

/** Parses JSON against a schema: the only place that calls JSON.parse. `source` names the text in errors. */
export function parseJson<T>(text: string, schema: z.ZodType<T>, source: string, code: ErrorCode = "INPUT_INVALID"): T {
  return checkValue(parseUnknownJson(text, source, code), schema, source, code);
}

export function parseUnknownJson(text: string, source: string, code: ErrorCode = "INPUT_INVALID"): unknown {
  return parse(text, { source, code });
}

/** Whole numbers come as bigint, so that none becomes another, however large. */
export function parseExactJson(text: string, source: string, code: ErrorCode = "INPUT_INVALID"): unknown {
  return parse(text, { source, code, revive: keepExact });
}

type Revive = (key: string, value: unknown, context?: { source?: string }) => unknown;

const keepExact: Revive = (_key, value, context) => {
  const text = context?.source;
  return typeof value === "number" && text !== undefined && /^-?\d+$/.test(text) ? BigInt(text) : value;
};

function parse(text: string, { source, code, revive }: { source: string; code: ErrorCode; revive?: Revive }): unknown {
  try {
    // oxlint-disable-next-line no-restricted-properties -- the one place
    return JSON.parse(text, revive) as unknown;
  } catch (cause) {
    // What V8 says quotes the text, which may hold line breaks.
    const why = oneLine((cause as Error).message);
    throw new TrustError(code, `${source} is not valid JSON: ${why}`, { cause });
  }
}

export function checkValue<T>(value: unknown, schema: z.ZodType<T>, source: string, code: ErrorCode): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TrustError(code, `${source}: ${describeIssues(parsed.error).join("; ")}`, { cause: parsed.error });
}

/** One line an issue, with the path of the value first: `path: expected string, received number`. */
export function describeIssues(error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const path = issue.path.map(String).join(".");
    return path === "" ? issue.message : `${path}: ${issue.message}`;
  });
}
