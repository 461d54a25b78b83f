import type { JsonSchema } from "../../protocol/tool-call.ts";
import { isRecord } from "../call-arguments.ts";
import { typeName } from "../grammar/keywords.ts";

const maps = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
const lists = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const singles = new Set(["items", "additionalProperties", "contains", "if", "then", "else", "not"]);
const deepest = 64;

/**
 * A schema as 2020-12 has it, from what tools of others send: type names of Python, the older list of items,
 * nothing asynchronous. Throws RangeError for one that is nested deeper than any honest one.
 */
export function plainSchema(schema: JsonSchema, depth = 0): JsonSchema {
  if (depth > deepest) throw new RangeError(`the schema is nested deeper than ${deepest}`);
  const plain = (inner: unknown): unknown => (isRecord(inner) ? plainSchema(inner, depth + 1) : inner);
  const entries = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (key === "type") return plainType(value);
    if (key === "$async" || key === "$schema" || key === "$id") return [];
    if (key === "items" && Array.isArray(value)) return [["prefixItems", value.map(plain)]];
    if (maps.has(key)) return isRecord(value) ? [[key, mapValues(value, plain)]] : [];
    if (lists.has(key) && Array.isArray(value)) return [[key, value.map(plain)]];
    return [[key, singles.has(key) ? plain(value) : value]];
  });
  return Object.fromEntries(entries);
}

const mapValues = (map: Record<string, unknown>, change: (value: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));

function plainType(type: unknown): [string, unknown][] {
  const names = (Array.isArray(type) ? type : [type]).map(typeName);
  if (names.includes("any")) return [];
  return [["type", Array.isArray(type) ? [...new Set(names)] : names[0]]];
}
