export type JsonType = "string" | "integer" | "number" | "boolean" | "null" | "array" | "object";

/** Names of types in tool definitions that were written by hand or derived from Python. */
const otherTypeNames: ReadonlyMap<string, string> = new Map([
  ["dict", "object"],
  ["float", "number"],
  ["double", "number"],
  ["int", "integer"],
  ["long", "integer"],
  ["str", "string"],
  ["bool", "boolean"],
  ["list", "array"],
  ["tuple", "array"],
  ["none", "null"],
]);

/** JSON Schema's name of a type; what is neither that nor known here stays as it is, in small letters. */
export function typeName(name: unknown): string {
  const lower = String(name).toLowerCase();
  return otherTypeNames.get(lower) ?? lower;
}

/** Keywords that only make sense for one type: a schema without `type` that has one means that type. */
export const typeOfKeyword: Readonly<Record<string, JsonType>> = {
  properties: "object",
  required: "object",
  additionalProperties: "object",
  unevaluatedProperties: "object",
  patternProperties: "object",
  propertyNames: "object",
  minProperties: "object",
  maxProperties: "object",
  items: "array",
  prefixItems: "array",
  additionalItems: "array",
  minItems: "array",
  maxItems: "array",
  uniqueItems: "array",
  contains: "array",
  pattern: "string",
  format: "string",
  minLength: "string",
  maxLength: "string",
  minimum: "number",
  maximum: "number",
  exclusiveMinimum: "number",
  exclusiveMaximum: "number",
  multipleOf: "number",
};

/** Keywords that constrain a value, besides those that combine other schemas. */
export const assertions: ReadonlySet<string> = new Set([
  ...Object.keys(typeOfKeyword),
  "type",
  "nullable",
  "enum",
  "const",
  "if",
  "then",
  "else",
  "dependentSchemas",
]);
