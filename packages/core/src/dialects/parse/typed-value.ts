import type { JsonSchema } from "../../protocol/tool-call.ts";
import { tryParseJson } from "../call-arguments.ts";
import { typeName } from "../grammar/keywords.ts";
import { JsonDepth } from "../json-depth.ts";

type JsonType = "string" | "number" | "integer" | "boolean" | "null" | "array" | "object";

/** What a schema says of a value's type. `anything`: it says nothing. */
export interface AdmittedTypes {
  types: ReadonlySet<JsonType>;
  anything: boolean;
}

const deepest = 8;

/** The types that a schema admits, through `$ref`, unions, `enum` and `const`. `root` is where `$ref` points into. */
export function admittedTypes(schema: JsonSchema | undefined, root: JsonSchema | undefined): AdmittedTypes {
  const types = new Set<JsonType>();
  const anything = collect(schema, { root, types, depth: 0 });
  return { types, anything: anything || types.size === 0 };
}

interface Collection {
  root: JsonSchema | undefined;
  types: Set<JsonType>;
  depth: number;
}

/** Returns whether anything at all is admitted. */
function collect(schema: JsonSchema | undefined, { root, types, depth }: Collection): boolean {
  if (typeof schema !== "object" || depth > deepest) return true;
  const inner = { root, types, depth: depth + 1 };
  if (typeof schema["$ref"] === "string") return collect(resolve(schema["$ref"], root), inner);
  if (schema["nullable"] === true) types.add("null");
  const named = namedTypes(schema);
  for (const type of named) types.add(type);
  if (named.length > 0) return false;
  const variants = schema.anyOf ?? schema.oneOf;
  return variants === undefined || variants.map((variant) => collect(variant, inner)).includes(true);
}

/** The types that a schema names itself, or that its values or keywords tell. */
function namedTypes(schema: JsonSchema): JsonType[] {
  const values = schema.const === undefined ? schema.enum : [schema.const];
  if (values !== undefined) return values.map(typeOf);
  const names = [schema.type ?? []].flat().map(typeName);
  if (names.length > 0) return names.includes("any") ? [] : (names as JsonType[]);
  if (schema.anyOf !== undefined || schema.oneOf !== undefined) return [];
  if (schema.properties !== undefined) return ["object"];
  return schema.items === undefined ? [] : ["array"];
}

/** The schema at a JSON pointer such as `#/$defs/item`. */
export function resolve(reference: string, root: JsonSchema | undefined): JsonSchema | undefined {
  let found: unknown = root;
  for (const part of reference.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return typeof found === "object" && found !== null ? (found as JsonSchema) : undefined;
}

function typeOf(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  const type = typeof value;
  return type === "number" || type === "boolean" || type === "string" ? type : "object";
}

/** Only text is admitted: it can be passed on while it comes. */
export const isTextOnly = ({ types, anything }: AdmittedTypes): boolean =>
  !anything && types.size === 1 && types.has("string");

const pythonWords: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["True", true],
  ["False", false],
  ["None", null],
]);

/**
 * A value that was written as raw text. It is read as JSON where the schema admits what that gives; otherwise it
 * stays the text that it is: judging it is the validator's work.
 */
export function typedValue(raw: string, admitted: AdmittedTypes): unknown {
  if (isTextOnly(admitted)) return raw;
  const text = raw.trim();
  const parsed = pythonWords.has(text) ? pythonWords.get(text) : parsedJson(text);
  if (parsed === undefined) return raw;
  return admits(admitted, typeOf(parsed), Number.isInteger(parsed)) ? parsed : raw;
}

function parsedJson(text: string): unknown {
  if (!/^[[{"\-\dtfn]/.test(text) || isTooDeep(text)) return undefined;
  const parsed = tryParseJson(text, "value");
  return parsed.ok ? parsed.value : undefined;
}

function isTooDeep(text: string): boolean {
  const depth = new JsonDepth();
  for (let at = 0; at < text.length; at++) {
    depth.push(text.charAt(at));
    if (depth.isTooDeep) return true;
  }
  return false;
}

function admits({ types, anything }: AdmittedTypes, type: JsonType, whole: boolean): boolean {
  if (anything || types.has(type)) return true;
  return type === "number" && types.has("integer") && whole;
}
