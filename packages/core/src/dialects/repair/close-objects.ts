import type { JsonSchema } from "../../protocol/tool-call.ts";
import { isRecord } from "../call-arguments.ts";
import { alternativesOf, isLocal } from "./schema-parts.ts";

const opening = ["additionalProperties", "unevaluatedProperties", "patternProperties"];
const composing = ["$ref", "allOf", "anyOf", "oneOf", "if"];

/**
 * Objects that name their properties admit no others, unless the schema says what others may be: the same rule as
 * the grammar's, so that a misspelt key is told to the model and not passed over.
 */
export function closeObjects(root: JsonSchema): JsonSchema {
  const parts = new Set<unknown>();
  collectParts(root, root, parts);
  return closed(root, { root, parts });
}

/** `parts`: schemas that only together with others describe a value, and so cannot be closed alone. */
interface Context {
  root: JsonSchema;
  parts: ReadonlySet<unknown>;
}

const isComposite = (schema: JsonSchema): boolean => {
  const { allOf } = schema as { allOf?: unknown };
  const ways = composing.filter((keyword) => keyword in schema).length + (isRecord(schema.properties) ? 1 : 0);
  return ways > 1 || (Array.isArray(allOf) && allOf.length > 1);
};

/** Notes every schema that stands in a composite one, or is named there. */
function collectParts(value: unknown, root: JsonSchema, parts: Set<unknown>): void {
  if (Array.isArray(value)) for (const item of value) collectParts(item, root, parts);
  if (!isRecord(value)) return;
  if (isComposite(value)) {
    for (const part of alternativesOf(value, root).flat()) if (part !== value) parts.add(part);
  }
  for (const inner of Object.values(value)) collectParts(inner, root, parts);
}

function closed(schema: JsonSchema, context: Context): JsonSchema {
  const result = inner(schema, context);
  if (context.parts.has(schema)) return result;
  if (isComposite(schema))
    return isClosable(schema, context.root) ? { ...result, unevaluatedProperties: false } : result;
  const isOpen = opening.some((keyword) => keyword in schema);
  return isRecord(schema.properties) && !isOpen ? { ...result, additionalProperties: false } : result;
}

function isClosable(schema: JsonSchema, root: JsonSchema): boolean {
  const parts = alternativesOf(schema, root).flat();
  const isUnknown = parts.some((part) => typeof part["$ref"] === "string" && !isLocal(part["$ref"]));
  const isOpen = parts.some((part) => opening.some((keyword) => keyword in part));
  return !isUnknown && !isOpen && parts.some(({ properties }) => isRecord(properties));
}

const singles = new Set(["items", "additionalProperties"]);
const many = new Set([
  "properties",
  "patternProperties",
  "prefixItems",
  "$defs",
  "definitions",
  "allOf",
  "anyOf",
  "oneOf",
]);

function inner(schema: JsonSchema, context: Context): JsonSchema {
  const close = (part: unknown): unknown => (isRecord(part) ? closed(part, context) : part);
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (singles.has(key)) return [key, close(value)];
    if (many.has(key) && Array.isArray(value)) return [key, value.map(close)];
    if (!many.has(key) || !isRecord(value)) return [key, value];
    return [key, Object.fromEntries(Object.entries(value).map(([name, part]) => [name, close(part)]))];
  });
  return Object.fromEntries(entries);
}
