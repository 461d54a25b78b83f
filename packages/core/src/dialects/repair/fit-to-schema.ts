import type { JsonSchema, Repair } from "../../protocol/tool-call.ts";
import { isRecord } from "../call-arguments.ts";
import { type Alternatives, admits, alternativesOf, couldBe, type JsonType, typeOf, typesOf } from "./schema-parts.ts";
import { tolerantJson } from "./tolerant-json.ts";

/** `raw` is the call as the model wrote it: a number becomes a text only in the form that stands there. */
export interface FitContext {
  root: JsonSchema;
  raw: string;
  repairs: Repair[];
}

const deepest = 64;

/**
 * The value in the form that the schema wants, where that form says the very same: `"42"` as 42, a JSON text as what
 * it says, one item as a list of it, null for an optional property as nothing. Anything else stays as it is; whether
 * it is valid is not decided here.
 */
export function fitToSchema(value: unknown, schema: JsonSchema, path: string, context: FitContext): unknown {
  if (path.split(/[.[]/).length > deepest) return value;
  const alternatives = alternativesOf(schema, context.root);
  const types = union(alternatives);
  const fitted = admits(types, value) ? value : (converted(value, alternatives, path, context) ?? value);
  const likely = alternatives.filter((schemas) => couldBe(schemas, fitted));
  const chosen = likely.length > 0 ? likely : alternatives;
  if (Array.isArray(fitted)) return fitItems(fitted, chosen, path, context);
  return isRecord(fitted) ? fitProperties(fitted, chosen, path, context) : fitted;
}

function union(alternatives: Alternatives): ReadonlySet<JsonType> | undefined {
  const all = alternatives.map(typesOf);
  return all.includes(undefined) ? undefined : new Set(all.flatMap((types) => [...(types ?? [])]));
}

function fitItems(items: readonly unknown[], alternatives: Alternatives, path: string, context: FitContext): unknown[] {
  return items.map((item, index) => {
    const schemas = alternatives.flat().flatMap(({ prefixItems, items: rest }) => {
      const own = Array.isArray(prefixItems) && index < prefixItems.length ? (prefixItems[index] as unknown) : rest;
      return isRecord(own) ? [own] : [];
    });
    return schemas.length === 0 ? item : fitToSchema(item, oneOf(schemas), `${path}[${index}]`, context);
  });
}

// oxlint-disable-next-line max-params -- a value, its schemas, its place and the log
function fitProperties(
  value: Record<string, unknown>,
  alternatives: Alternatives,
  path: string,
  context: FitContext,
): Record<string, unknown> {
  const required = new Set(alternatives.flat().flatMap((schema) => schema.required ?? []));
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    const schemas = alternatives.flat().flatMap(({ properties = {} }) => {
      const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
      return isRecord(own) ? [own] : [];
    });
    if (schemas.length === 0) return [[key, inner]];
    const place = path === "" ? key : `${path}.${key}`;
    const schema = oneOf(schemas);
    if (inner === null && !required.has(key) && !admits(union(alternativesOf(schema, context.root)), null)) {
      context.repairs.push({ kind: "drop-null", detail: `${place} is optional` });
      return [];
    }
    return [[key, fitToSchema(inner, schema, place, context)]];
  });
  return Object.fromEntries(entries);
}

function oneOf(schemas: readonly JsonSchema[]): JsonSchema {
  const [only] = schemas;
  return schemas.length === 1 && only !== undefined ? only : { anyOf: schemas };
}

/** Undefined when no other form of the value says the same. */
// oxlint-disable-next-line max-params -- a value, its schemas, its place and the log
function converted(value: unknown, alternatives: Alternatives, path: string, context: FitContext): unknown {
  const types = union(alternatives);
  if (types === undefined) return undefined;
  const note = (kind: string, result: unknown): unknown => {
    context.repairs.push({ kind, detail: `${path}: ${brief(value)} as ${brief(result)}` });
    return result;
  };
  if (typeof value === "string") {
    const read = fromText(value, types);
    if (read !== undefined) return note(isScalar(read) ? "coerce" : "unwrap-json", read);
  }
  if (typeof value === "number" && types.has("string") && isWritten(String(value), context.raw)) {
    return note("coerce", String(value));
  }
  return isScalar(value) && takesListOf(value, alternatives, context.root) ? note("wrap-in-list", [value]) : undefined;
}

const isScalar = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);

/** A JSON text for a type that is not a text. */
function fromText(text: string, types: ReadonlySet<JsonType>): unknown {
  const read = tolerantJson(text);
  if (!read.ok) return undefined;
  const { value } = read.value;
  if (value === null || typeof value === "string" || !admits(types, value)) return undefined;
  return typeof value === "number" && !isExact(text, value) ? undefined : value;
}

/** A number too long for a double would become another. */
function isExact(text: string, value: number): boolean {
  const digits = text.trim();
  if (!/^-?\d+$/.test(digits)) return Number.isFinite(value);
  return String(value) === digits || BigInt(digits) === BigInt(value);
}

/** 1.10 was read as the number 1.1: as a text it would be another value. */
function isWritten(digits: string, raw: string): boolean {
  if (raw === "") return true;
  for (let at = raw.indexOf(digits); at >= 0; at = raw.indexOf(digits, at + 1)) {
    const around = `${raw[at - 1] ?? ""}${raw[at + digits.length] ?? ""}`;
    if (!/[\w.+-]/.test(around)) return true;
  }
  return false;
}

/** Only where a list of just such scalars is wanted. */
function takesListOf(value: unknown, alternatives: Alternatives, root: JsonSchema): boolean {
  return alternatives.some((schemas) => {
    if (typesOf(schemas)?.has("array") !== true) return false;
    const items = schemas.map((schema) => schema.items).find(isRecord);
    const wanted = items === undefined ? undefined : union(alternativesOf(items as JsonSchema, root));
    return wanted !== undefined && admits(wanted, value);
  });
}

const longest = 40;

/** A value for one line of an error or a log. */
export function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? typeOf(value);
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
