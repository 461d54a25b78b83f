import type { JsonSchema } from "../../protocol/tool-call.ts";
import { keyPlace, type TaggedBody } from "../format/tool-format.ts";
import { admittedTypes, resolve, typedValue } from "./typed-value.ts";

/** The marker that closes the value of `key`. */
export const closeTag = (body: TaggedBody, key: string): string => body.valueClose.replace(keyPlace, key);

interface Nesting {
  body: TaggedBody;
  schema: JsonSchema | undefined;
  root: JsonSchema | undefined;
}

/** The key under which such formats write the items of a list. */
const itemKey = "item";

/** A raw value in which objects and lists are tags again; plain text where the schema admits neither. */
export function nestedValue(raw: string, { body, schema, root }: Nesting): unknown {
  const admitted = admittedTypes(schema, root);
  const children = childTags(raw, body);
  const may = (type: "array" | "object"): boolean => admitted.anything || admitted.types.has(type);
  if (children === undefined || (!may("array") && !may("object"))) return typedValue(raw, admitted);
  if (may("array") && children.every(({ key }) => key === itemKey)) {
    const items = variantOf(schema, root, "items")?.items;
    return children.map(({ text }) => nestedValue(text, { body, schema: items, root }));
  }
  if (!may("object")) return typedValue(raw, admitted);
  const properties = variantOf(schema, root, "properties")?.properties ?? {};
  return Object.fromEntries(
    children.map(({ key, text }) => [key, nestedValue(text, { body, schema: properties[key], root })]),
  );
}

/** The tags that a text is a row of; undefined when it is anything else. */
function childTags(raw: string, body: TaggedBody): { key: string; text: string }[] | undefined {
  const children: { key: string; text: string }[] = [];
  const open = body.keyOpen.trim();
  let rest = raw.trim();
  while (rest !== "") {
    const keyEnd = rest.indexOf(body.keyClose, open.length);
    if (!rest.startsWith(open) || keyEnd < 0) return undefined;
    const key = rest.slice(open.length, keyEnd);
    const close = closeTag(body, key);
    const end = closeOf(rest, { open: `${open}${key}${body.keyClose}`, close, from: keyEnd });
    if (end < 0) return undefined;
    children.push({ key, text: rest.slice(keyEnd + body.keyClose.length, end) });
    rest = rest.slice(end + close.length).trim();
  }
  return children.length === 0 ? undefined : children;
}

/** Where the close tag of the tag at the beginning stands: tags of the same key inside it come with their own. */
function closeOf(text: string, { open, close, from }: { open: string; close: string; from: number }): number {
  let at = from;
  for (let depth = 1; ;) {
    const end = text.indexOf(close, at);
    const inner = text.indexOf(open, at);
    if (end < 0) return -1;
    if (inner >= 0 && inner < end) {
      depth++;
      at = inner + open.length;
    } else if (--depth === 0) return end;
    else at = end + close.length;
  }
}

/** The part of a schema that says what `keyword` says, through references and unions. */
function variantOf(
  schema: JsonSchema | undefined,
  root: JsonSchema | undefined,
  keyword: "items" | "properties",
): JsonSchema | undefined {
  if (schema === undefined || schema[keyword] !== undefined) return schema;
  if (typeof schema["$ref"] === "string") return resolve(schema["$ref"], root);
  const variants = schema.anyOf ?? schema.oneOf ?? [];
  return variants
    .map((variant) => variantOf(variant, root, keyword))
    .find((variant) => variant?.[keyword] !== undefined);
}
