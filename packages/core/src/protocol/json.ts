import type * as z from "zod";

import { type ErrorCode, TrustError } from "./errors.ts";

/** Parses JSON against a schema: the only place that calls JSON.parse. `source` names the text in errors. */
export function parseJson<T>(text: string, schema: z.ZodType<T>, source: string, code: ErrorCode = "INPUT_INVALID"): T {
  return checkValue(parseUnknownJson(text, source, code), schema, source, code);
}

export function parseUnknownJson(text: string, source: string, code: ErrorCode = "INPUT_INVALID"): unknown {
  try {
    // oxlint-disable-next-line no-restricted-properties -- the one place
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new TrustError(code, `${source} is not valid JSON: ${(cause as Error).message}`, { cause });
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
