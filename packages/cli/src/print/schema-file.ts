import { readFile } from "node:fs/promises";

import { type JsonSchema, parseUnknownJson, TrustError } from "@trust-cli/core/protocol";
import { fileError } from "@trust-cli/core/workspace";

const hint = 'name a file that holds one JSON Schema, such as {"type":"object","properties":{"ok":{"type":"boolean"}}}';

/** The JSON value in a file that should hold a schema. Throws INPUT_INVALID. */
export async function readSchemaValue(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw unusableSchema(fileError(cause, file, "read").message, cause);
  });
  try {
    return parseUnknownJson(text.replace(/^\uFEFF/, ""), file);
  } catch (cause) {
    if (cause instanceof TrustError) throw unusableSchema(cause.message, cause);
    throw cause;
  }
}

export const isObject = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const unusableSchema = (message: string, cause?: unknown): TrustError =>
  new TrustError("INPUT_INVALID", message, { hint, cause });

/**
 * The schema in a file, for a grammar. A grammar passes over keywords that it cannot tell, so only what is no schema
 * at all is refused, with INPUT_INVALID: other values, unknown types, and patterns that are no regular expressions.
 */
export async function readGrammarSchema(file: string): Promise<JsonSchema | boolean> {
  const schema = await readSchemaValue(file);
  if (typeof schema === "boolean") return schema;
  if (!isObject(schema)) throw unusableSchema(`${file} holds no JSON Schema: it must be an object, true or false`);
  const { argumentCheck } = await import("@trust-cli/core/dialects/repair");
  for (const part of schemaParts(schema)) {
    const checked = Object.fromEntries(Object.entries(part).filter(([key]) => key === "type" || key === "pattern"));
    const { unchecked } = argumentCheck(checked);
    if (unchecked !== undefined) throw unusableSchema(`${file} is no JSON Schema that can be used: ${unchecked}`);
  }
  return schema;
}

const maps = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
const schemas = new Set(["allOf", "anyOf", "oneOf", "prefixItems", "items", "additionalProperties", "contains"]);
const more = new Set(["if", "then", "else", "not", "propertyNames", "unevaluatedProperties", "unevaluatedItems"]);

/** Every schema in a schema, itself too; without recursion, for those that are nested deeply. */
function schemaParts(root: JsonSchema): JsonSchema[] {
  const parts = [root];
  for (const part of parts) {
    for (const [key, value] of Object.entries(part)) parts.push(...innerSchemas(key, value).filter(isObject));
  }
  return parts;
}

function innerSchemas(key: string, value: unknown): unknown[] {
  if (maps.has(key)) return isObject(value) ? Object.values(value) : [];
  if (!schemas.has(key) && !more.has(key)) return [];
  return Array.isArray(value) ? value : [value];
}
