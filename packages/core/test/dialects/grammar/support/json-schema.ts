import { isDeepStrictEqual } from "node:util";

import type { JsonSchema } from "../../../../src/protocol/tool-call.ts";

/** Values of each format that the tests write; nothing else is taken for one. */
export const formatExamples: Readonly<Record<string, readonly string[]>> = {
  date: ["2012-04-23"],
  time: ["18:25:43.511Z", "00:00:00+02:00"],
  "date-time": ["2012-04-23T18:25:43.511Z", "1999-12-31T23:59:59-01:30"],
  uuid: ["12345678-1234-4234-9234-1234567890ab"],
  email: ["a.b+c@example.org"],
  ipv4: ["192.168.0.255"],
  ipv6: ["::1", "fe80::1:2"],
  uri: ["https://example.org/a?b=c#d"],
  hostname: ["a-b.example.org"],
};

type Schema = JsonSchema | boolean;

/**
 * Whether a JSON Schema (2020-12) admits a value: the keywords that the tests use, each as the specification's
 * sentence on it, and nothing of how grammars are made.
 */
export function isValid(schema: Schema, value: unknown): boolean {
  if (typeof schema === "boolean") return schema;
  return isOfType(schema, value) && isListed(schema, value) && isCombined(schema, value) && isLimited(schema, value);
}

const isListed = (schema: JsonSchema, value: unknown): boolean =>
  (schema.enum?.some((one) => isDeepStrictEqual(one, value)) ?? true) &&
  (!("const" in schema) || isDeepStrictEqual(schema.const, value));

function isCombined(schema: JsonSchema, value: unknown): boolean {
  const holds = (one: Schema): boolean => isValid(one, value);
  const [all = [], any, one] = [list(schema, "allOf"), list(schema, "anyOf"), list(schema, "oneOf")];
  return all.every(holds) && (any?.some(holds) ?? true) && (one === undefined || one.filter(holds).length === 1);
}

function isLimited(schema: JsonSchema, value: unknown): boolean {
  if (typeof value === "number") return isWithin(schema, value);
  if (typeof value === "string") return isString(schema, value);
  if (Array.isArray(value)) return isArray(schema, value);
  return !isRecord(value) || isObject(schema, value);
}

const list = (schema: JsonSchema, keyword: string): readonly Schema[] | undefined =>
  schema[keyword] as readonly Schema[] | undefined;

const limit = (schema: JsonSchema, keyword: string, otherwise: number): number =>
  (schema[keyword] as number | undefined) ?? otherwise;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isOfType({ type }: JsonSchema, value: unknown): boolean {
  if (type === undefined) return true;
  const own = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const names = typeof type === "string" ? [type] : type;
  return names.some((name) => name === own || (name === "integer" && Number.isInteger(value)));
}

const isWithin = (schema: JsonSchema, value: number): boolean =>
  limit(schema, "minimum", -Infinity) <= value &&
  value <= limit(schema, "maximum", Infinity) &&
  limit(schema, "exclusiveMinimum", -Infinity) < value &&
  value < limit(schema, "exclusiveMaximum", Infinity);

function isString(schema: JsonSchema, value: string): boolean {
  const { length } = Array.from(value);
  const pattern = schema["pattern"] as string | undefined;
  const examples = formatExamples[String(schema["format"])];
  return (
    limit(schema, "minLength", 0) <= length &&
    length <= limit(schema, "maxLength", Infinity) &&
    (pattern === undefined || new RegExp(pattern, "u").test(value)) &&
    (examples === undefined || examples.includes(value))
  );
}

function isArray(schema: JsonSchema, value: readonly unknown[]): boolean {
  const first = list(schema, "prefixItems") ?? [];
  const isUnlike = value.every((one, index) => value.slice(index + 1).every((other) => !isDeepStrictEqual(one, other)));
  return (
    limit(schema, "minItems", 0) <= value.length &&
    value.length <= limit(schema, "maxItems", Infinity) &&
    (schema["uniqueItems"] !== true || isUnlike) &&
    value.every((item, index) => isValid(first[index] ?? schema.items ?? true, item))
  );
}

function isObject({ properties = {}, required = [], additionalProperties = true }: JsonSchema, value: object): boolean {
  return (
    required.every((key) => Object.hasOwn(value, key)) &&
    Object.entries(value).every(([key, one]) =>
      isValid(Object.hasOwn(properties, key) ? (properties[key] ?? true) : additionalProperties, one),
    )
  );
}
