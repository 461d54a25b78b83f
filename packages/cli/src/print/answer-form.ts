import { readFile } from "node:fs/promises";

import type { AnswerForm } from "@trust-cli/core/engine";
import { type JsonSchema, parseUnknownJson, TrustError } from "@trust-cli/core/protocol";
import { fileError } from "@trust-cli/core/workspace";

const hint = 'name a file that holds one JSON Schema, such as {"type":"object","properties":{"ok":{"type":"boolean"}}}';

/** The form of an answer, by the JSON Schema in a file. Throws INPUT_INVALID for a file that is no use. */
export async function readAnswerForm(file: string): Promise<AnswerForm> {
  const schema = await readSchema(file);
  const { argumentCheck } = await import("@trust-cli/core/dialects/repair");
  const check = argumentCheck(schema);
  if (check.unchecked !== undefined) throw unusable(`${file} is no JSON Schema that can be used: ${check.unchecked}`);
  return { schema, errorsOf: (value) => check.errorsOf(value) };
}

async function readSchema(file: string): Promise<JsonSchema> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw unusable(fileError(cause, file, "read").message, cause);
  });
  try {
    const value = parseUnknownJson(text.replace(/^\uFEFF/, ""), file);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonSchema;
  } catch (cause) {
    if (cause instanceof TrustError) throw unusable(cause.message, cause);
    throw cause;
  }
  throw unusable(`${file} holds no JSON object`);
}

const unusable = (message: string, cause?: unknown): TrustError =>
  new TrustError("INPUT_INVALID", message, { hint, cause });
