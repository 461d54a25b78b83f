import type { NumberLimit, NumberRange } from "./integer-range.ts";
import { type JsonType, typeName, typeOfKeyword } from "./keywords.ts";
import { isSchema, listIn, type Schema } from "./schema-parts.ts";

const everyType: ReadonlySet<JsonType> = new Set(["object", "array", "string", "number", "boolean", "null"]);
const isType = (name: unknown): name is JsonType => name === "integer" || everyType.has(name as JsonType);

/** The types that all of these schemas admit; `number` stands for the integers as well. */
export function typesOf(parts: readonly Schema[]): ReadonlySet<JsonType> {
  const declared = parts.map(declaredTypes).filter((types) => types !== undefined);
  if (declared.length > 0) return declared.reduce(bothTypes);
  if (parts.some((part) => "enum" in part || "const" in part)) return everyType;
  const implied = parts.flatMap(Object.keys).flatMap((keyword) => typeOfKeyword[keyword] ?? []);
  if (implied.length === 0) return everyType;
  return new Set([...implied, ...(parts.some(isNullable) ? (["null"] as const) : [])]);
}

function declaredTypes(part: Schema): ReadonlySet<JsonType> | undefined {
  const { type } = part;
  const all = (Array.isArray(type) ? listIn(type) : [type]).map(typeName);
  const names = all.filter(isType);
  if (names.length === 0 || all.includes("any")) return undefined;
  const types = new Set<JsonType>([...names, ...(isNullable(part) ? (["null"] as const) : [])]);
  if (types.has("number")) types.delete("integer");
  return types;
}

/** OpenAPI 3.0. */
const isNullable = (part: Schema): boolean => part["nullable"] === true;

function bothTypes(a: ReadonlySet<JsonType>, b: ReadonlySet<JsonType>): ReadonlySet<JsonType> {
  const both = new Set([...a].filter((type) => b.has(type)));
  const hasInteger = (a.has("integer") && b.has("number")) || (a.has("number") && b.has("integer"));
  return hasInteger ? both.add("integer") : both;
}

/** Beyond these, values are not compared. */
const deepestValue = 32;
const mostValues = 2000;

/** The values that `enum` and `const` leave; undefined where there are neither, or values that are nested too deep. */
export function valuesOf(parts: readonly Schema[]): readonly unknown[] | undefined {
  const lists = parts.flatMap(valueLists);
  if (isDeeper(lists, deepestValue)) return undefined;
  const [first, ...others] = lists;
  if (first === undefined || first.length > mostValues) return first;
  const sets = others.map((list) => new Set(list.map(canonical)));
  const types = typesOf(parts);
  const range = rangeOf(parts);
  return first.filter((value) => {
    const text = canonical(value);
    return sets.every((set) => set.has(text)) && hasType(value, types) && isWithin(value, range);
  });
}

function valueLists(part: Schema): (readonly unknown[])[] {
  const { enum: list, const: only } = part;
  const values = Array.isArray(list) ? [...listIn(list), ...(isNullable(part) ? [null] : [])] : undefined;
  return [...(values === undefined ? [] : [values]), ...("const" in part ? [[only]] : [])];
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((item) => isDeeper(item, depth - 1));
}

/** Equal texts for equal values, whatever the order of their keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isSchema(value)) return JSON.stringify(value) ?? "";
  const pairs = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`);
  return `{${pairs.toSorted().join(",")}}`;
}

export function typeOfValue(value: unknown): JsonType {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  if (typeof value === "string" || typeof value === "boolean") return typeof value as "string" | "boolean";
  return "object";
}

function hasType(value: unknown, types: ReadonlySet<JsonType>): boolean {
  const type = typeOfValue(value);
  return types.has(type) || (type === "integer" && types.has("number"));
}

const isWithin = (value: unknown, { least, most }: NumberRange): boolean =>
  typeof value !== "number" ||
  (isAtLeast(value, least) && (most === undefined || isAtLeast(-value, { ...most, value: -most.value })));

const isAtLeast = (value: number, limit: NumberLimit | undefined): boolean =>
  limit === undefined || (limit.exclusive ? value > limit.value : value >= limit.value);

/** The narrowest limits that these schemas set. A boolean `exclusiveMinimum` is draft 4's. */
export function rangeOf(parts: readonly Schema[]): NumberRange {
  const least = parts.flatMap((part) => limits(part["minimum"], part["exclusiveMinimum"]));
  const most = parts.flatMap((part) => limits(part["maximum"], part["exclusiveMaximum"]));
  return { least: narrowest(least, 1), most: narrowest(most, -1) };
}

function limits(inclusive: unknown, exclusive: unknown): NumberLimit[] {
  return [
    ...(typeof inclusive === "number" ? [{ value: inclusive, exclusive: exclusive === true }] : []),
    ...(typeof exclusive === "number" ? [{ value: exclusive, exclusive: true }] : []),
  ];
}

const narrowest = (found: readonly NumberLimit[], sign: 1 | -1): NumberLimit | undefined =>
  found.toSorted((a, b) => sign * (b.value - a.value) || Number(b.exclusive) - Number(a.exclusive))[0];

/** The largest minimum and the smallest maximum of a count, such as `minItems` and `maxItems`. */
export function countsOf(parts: readonly Schema[], least: string, most: string): [least: number, most: number] {
  const counts = (keyword: string): number[] =>
    parts
      .map((part) => part[keyword])
      .filter((count): count is number => Number.isInteger(count) && Number(count) >= 0);
  return [Math.max(0, ...counts(least)), Math.min(Infinity, ...counts(most))];
}
