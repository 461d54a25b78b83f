import type { ErrorObject } from "ajv";

import type { JsonSchema } from "../../protocol/tool-call.ts";
import { isRecord } from "../call-arguments.ts";
import { brief } from "./fit-to-schema.ts";
import { nearest } from "./nearest.ts";

const mostErrors = 6;

/** What is wrong with arguments, a short line each with the path of the value: `depth: must be integer; got "x"`. */
export function describeErrors(errors: readonly ErrorObject[], args: unknown, schema: JsonSchema): string[] {
  const unions = errors.filter(isUnion);
  const told = errors.filter((error) => isUnion(error) || !unions.some((union) => isBranch(error, union)));
  const lines = told.map((error) => describe(isUnion(error) ? typesOnly(error, errors) : error, args, schema));
  const distinct = [...new Set(lines)];
  if (distinct.length <= mostErrors) return distinct;
  return [...distinct.slice(0, mostErrors), `and ${distinct.length - mostErrors} more`];
}

const isUnion = ({ keyword }: ErrorObject): boolean => keyword === "anyOf" || keyword === "oneOf";

/** Of a union that nothing fits only the union itself is told, and not every form of it. */
function isBranch(error: ErrorObject, union: ErrorObject): boolean {
  if (!error.instancePath.startsWith(union.instancePath)) return false;
  const isElsewhere = /^#\/(?:\$defs|definitions)\//.test(error.schemaPath);
  return (
    isElsewhere || error.keyword === "unevaluatedProperties" || error.schemaPath.startsWith(`${union.schemaPath}/`)
  );
}

/** A union whose forms are just types is told as one `type` error. */
function typesOnly(union: ErrorObject, errors: readonly ErrorObject[]): ErrorObject {
  const branches = errors.filter((error) => !isUnion(error) && isBranch(error, union));
  const isOnlyTypes = branches.every(
    ({ keyword, instancePath }) => keyword === "type" && instancePath === union.instancePath,
  );
  if (!isOnlyTypes || branches.length === 0) return union;
  const type = branches.flatMap(({ params }) => (params as { type: string | string[] }).type);
  return { ...union, keyword: "type", params: { type } };
}

function describe(error: ErrorObject, args: unknown, schema: JsonSchema): string {
  const parts = error.instancePath.split("/").slice(1).map(decoded);
  const value = at(args, parts);
  const params = error.params as Record<string, unknown>;
  const unknown = params["additionalProperty"] ?? params["unevaluatedProperty"];
  if (typeof unknown === "string") return `${before(parts)}${unknownKey(unknown, value, parts, schema)}`;
  if (error.keyword === "required") return `${before(parts)}missing \`${String(params["missingProperty"])}\``;
  return `${before(parts)}${expectation(error, params)}; got ${brief(value)}`;
}

function expectation({ keyword, message = "is not valid" }: ErrorObject, params: Record<string, unknown>): string {
  if (keyword === "type") return `must be ${[params["type"]].flat().join(" or ")}`;
  if (keyword === "enum") return `must be one of ${(params["allowedValues"] as unknown[]).map(brief).join(", ")}`;
  if (keyword === "const") return `must be ${brief(params["allowedValue"])}`;
  if (keyword === "anyOf" || keyword === "oneOf") return "has none of the forms that are allowed here";
  return message;
}

/** Names the property that was most likely meant: one that is near, or the only one that is missing. */
// oxlint-disable-next-line max-params -- a key, where it stands, and what may stand there
function unknownKey(key: string, value: unknown, path: readonly string[], schema: JsonSchema): string {
  const { properties, required = [] } = path.length === 0 ? schema : {};
  const names = isRecord(properties) ? Object.keys(properties) : [];
  const free = names.filter((name) => !isRecord(value) || !Object.hasOwn(value, name));
  const missing = required.filter((name) => free.includes(name));
  const meant = nearest(key, free) ?? (missing.length === 1 ? missing[0] : undefined);
  if (meant !== undefined) return `unknown key \`${key}\`, did you mean \`${meant}\`?`;
  return names.length === 0 ? `unknown key \`${key}\`` : `unknown key \`${key}\`; the keys are ${names.join(", ")}`;
}

/** `options.items[2]: `, and nothing for the arguments themselves. */
function before(parts: readonly string[]): string {
  const path = parts.reduce((text, part) => (/^\d+$/.test(part) ? `${text}[${part}]` : `${text}.${part}`), "");
  return path === "" ? "" : `${path.replace(/^\./, "")}: `;
}

const decoded = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~");

function at(value: unknown, parts: readonly string[]): unknown {
  let found = value;
  for (const part of parts) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string, unknown>)[part];
  }
  return found;
}
