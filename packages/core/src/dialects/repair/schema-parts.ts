import type { JsonSchema } from "../../protocol/tool-call.ts";
import { isRecord } from "../call-arguments.ts";

export type JsonType = "string" | "number" | "integer" | "boolean" | "null" | "object" | "array";

export const isLocal = (reference: string): boolean => reference === "#" || reference.startsWith("#/");

/** What a local `$ref` such as `#/$defs/range` names; undefined for any other. */
function target(reference: string, root: JsonSchema): unknown {
  if (!isLocal(reference)) return undefined;
  let found: unknown = root;
  for (const part of reference.slice(2).split("/").filter(Boolean)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isRecord(found) && !Array.isArray(found)) return undefined;
    found = Object.hasOwn(found, key) ? (found as Record<string, unknown>)[key] : undefined;
  }
  return found;
}

/** The alternatives of a schema, each a list of schemas that hold together for one and the same value. */
export type Alternatives = readonly (readonly JsonSchema[])[];

const mostAlternatives = 64;
/** Schemas looked at for one value: far more than an honest one needs, and no time for one made to explode. */
const mostExpansions = 256;

/** Resolves `$ref`, `allOf`, `anyOf` and `oneOf`; what is wider than any honest schema is left out. */
export function alternativesOf(schema: JsonSchema, root: JsonSchema): Alternatives {
  let left = mostExpansions;
  const expand = (inner: unknown): Alternatives => {
    if (!isRecord(inner) || left-- <= 0) return [[]];
    const one: JsonSchema = inner;
    let all: Alternatives = [[one]];
    const { $ref: reference } = one as { $ref?: unknown };
    if (typeof reference === "string") all = together(all, expand(target(reference, root)));
    for (const part of listOf(one["allOf"])) all = together(all, expand(part));
    for (const union of [one.anyOf, one.oneOf]) {
      if (union !== undefined) all = together(all, listOf(union).flatMap(expand));
    }
    return all;
  };
  return expand(schema);
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function together(left: Alternatives, right: Alternatives): Alternatives {
  const both = left.flatMap((one) => right.map((other) => [...one, ...other]));
  return both.slice(0, mostAlternatives);
}

/** The types that schemas which hold together leave to a value; undefined: any. */
export function typesOf(schemas: readonly JsonSchema[]): ReadonlySet<JsonType> | undefined {
  const named = schemas.map(ownTypes).filter((types) => types !== undefined);
  const [first, ...others] = named;
  if (first === undefined) return undefined;
  return new Set([...first].filter((type) => others.every((types) => types.has(type))));
}

function ownTypes(schema: JsonSchema): ReadonlySet<JsonType> | undefined {
  const { type } = schema;
  if (typeof type === "string")
    return new Set([type as JsonType, ...(schema["nullable"] === true ? ["null" as const] : [])]);
  if (type !== undefined) return new Set(type as readonly JsonType[]);
  if ("const" in schema) return new Set([typeOf(schema.const)]);
  if (schema.enum !== undefined) return new Set(schema.enum.map(typeOf));
  return undefined;
}

/** A whole number is an `integer`, any other a `number`. */
export function typeOf(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value as "string" | "boolean" | "object";
}

export function admits(types: ReadonlySet<JsonType> | undefined, value: unknown): boolean {
  if (types === undefined) return true;
  const type = typeOf(value);
  return types.has(type) || (type === "integer" && types.has("number"));
}

/** Whether a value of this type could be meant by these schemas: a tag such as `kind: "line"` decides. */
export function couldBe(schemas: readonly JsonSchema[], value: unknown): boolean {
  if (!admits(typesOf(schemas), value)) return false;
  if (!isRecord(value)) return true;
  return schemas.every(({ properties = {} }) =>
    Object.entries(properties).every(([key, property]) => !Object.hasOwn(value, key) || agrees(property, value[key])),
  );
}

function agrees(property: JsonSchema, value: unknown): boolean {
  if (!isRecord(property)) return true;
  if ("const" in property) return property.const === value;
  return typeof value !== "string" || !Array.isArray(property.enum) || property.enum.includes(value);
}
