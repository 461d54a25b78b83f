import { type Result, TrustError } from "../protocol/errors.ts";
import { parseUnknownJson } from "../protocol/json.ts";
import type { Repair } from "../protocol/tool-call.ts";

export interface ReadArguments {
  args: Record<string, unknown>;
  repairs: Repair[];
}

/** `parseUnknownJson` with broken JSON as data: the model wrote it. */
export function tryParseJson(text: string, source: string): Result<unknown> {
  try {
    return { ok: true, value: parseUnknownJson(text, source) };
  } catch (error) {
    if (error instanceof TrustError) return { ok: false, error };
    throw error;
  }
}

/**
 * Arguments as an object. Missing ones are none; a JSON text is unwrapped once, which is logged as a repair.
 * No value is ever made up.
 */
export function readArguments(value: unknown): Result<ReadArguments> {
  if (value === undefined || value === null || value === "") {
    return { ok: true, value: { args: {}, repairs: [{ kind: "no-arguments", detail: "read as {}" }] } };
  }
  if (typeof value !== "string") return asObject(value, []);
  const inner = tryParseJson(value, "arguments");
  if (!inner.ok) return inner;
  return asObject(inner.value, [{ kind: "unwrap-arguments", detail: "arguments were a JSON text" }]);
}

function asObject(value: unknown, repairs: Repair[]): Result<ReadArguments> {
  if (isRecord(value)) return { ok: true, value: { args: value, repairs } };
  return { ok: false, error: new TrustError("INPUT_INVALID", "arguments must be a JSON object") };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
