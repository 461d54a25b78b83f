import { stringify } from "yaml";

import { checkValue, parseExactJson } from "../../protocol/json.ts";
import { goJson, goString } from "./go-json.ts";
import { type Field, Kitfile, kitfileShape, type Shape } from "./shape.ts";

/** The config blob of a kit: the Kitfile as Go writes it, each packed entry ending with its digests. */
export function configJson(kitfile: Kitfile): string {
  return objectJson(kitfile as Record<string, unknown>, kitfileShape, ["manifestVersion", "package"]);
}

/** Reads a config blob. Whole numbers in `parameters` come as bigint, so that writing them again loses nothing. */
export function parseConfigJson(json: string, source: string): Kitfile {
  return checkValue(parseExactJson(json, source, "KIT_CORRUPT"), Kitfile, source, "KIT_CORRUPT");
}

/** A Kitfile for people to read and to pack again: without the digests that packing added. */
export function kitfileYaml(kitfile: Kitfile): string {
  return stringify(onlyShape(kitfile as Record<string, unknown>, kitfileShape), { lineWidth: 0 });
}

/** Empty values are left out, except keys in `always`. */
function objectJson(value: Record<string, unknown>, shape: Shape, always: readonly string[]): string {
  const keys = { ...shape, digest: "text", diffId: "text" } as const;
  const members = Object.entries<Field>(keys).flatMap(([key, field]) => {
    const json = fieldJson(value[key], field, key);
    if (json !== undefined) return [`${goString(key)}:${json}`];
    if (!always.includes(key)) return [];
    return [`${goString(key)}:${typeof field === "object" ? "{}" : '""'}`];
  });
  return `{${members.join(",")}}`;
}

function fieldJson(value: unknown, field: Field, name: string): string | undefined {
  if (value === undefined) return undefined;
  if (field === "any") return goJson(value);
  if (value === "" || (Array.isArray(value) && value.length === 0)) return undefined;
  if (field === "text" || field === "texts") return goJson(value);
  if ("object" in field) return objectJson(value as Record<string, unknown>, field.object, []);
  const always = name === "docs" ? ["path"] : [];
  const items = value as Record<string, unknown>[];
  return `[${items.map((item) => objectJson(item, field.list, always)).join(",")}]`;
}

function onlyShape(value: Record<string, unknown>, shape: Shape): Record<string, unknown> {
  const entries = Object.entries(shape).flatMap(([key, field]) => {
    const item = value[key];
    if (item === undefined) return [];
    if (typeof field === "string") return [[key, item] as const];
    if ("object" in field) return [[key, onlyShape(item as Record<string, unknown>, field.object)] as const];
    return [[key, (item as Record<string, unknown>[]).map((entry) => onlyShape(entry, field.list))] as const];
  });
  return Object.fromEntries(entries);
}
