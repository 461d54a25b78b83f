import type { JsonSchema } from "../protocol/tool-call.ts";

/** A small value that a schema admits, as a model bound to it might write. Knows what our own tests use. */
export function schemaInstance(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [branch] = schema.anyOf ?? schema.oneOf ?? [];
  return branch === undefined ? instanceOfType(schema) : schemaInstance(branch);
}

const simplest: Readonly<Record<string, unknown>> = { array: [], integer: 1, number: 1, boolean: true, null: null };

function instanceOfType({ type, required = [], properties }: JsonSchema): unknown {
  const [first = "string"] = typeof type === "string" ? [type] : (type ?? []);
  if (first !== "object") return first in simplest ? simplest[first] : "a";
  return Object.fromEntries(required.map((key) => [key, schemaInstance(properties?.[key] ?? {})]));
}
