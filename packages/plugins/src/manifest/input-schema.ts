import * as z from "zod";

/**
 * The part of JSON Schema that a tool's input may use. Left out on purpose: `pattern`, which would run the plugin's
 * regular expressions outside its isolate, and `$ref`, which can go round in circles.
 */
export interface InputProperty {
  type: "string" | "integer" | "number" | "boolean" | "array" | "object";
  description?: string | undefined;
  enum?: readonly (string | number)[] | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
  minLength?: number | undefined;
  maxLength?: number | undefined;
  minItems?: number | undefined;
  maxItems?: number | undefined;
  items?: InputProperty | undefined;
  properties?: Readonly<Record<string, InputProperty>> | undefined;
  required?: readonly string[] | undefined;
}

const keywords =
  "type, description, enum, minimum, maximum, minLength, maxLength, minItems, maxItems, items, properties, required";
const count = z.int().nonnegative();
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, "an argument is named with letters, digits and _");

/** Words of a plugin that a model or a terminal gets to see: one line. */
export const oneLine = (longest: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "it must be one line without control characters");

const InputProperty: z.ZodType<InputProperty> = z.lazy(() =>
  z.strictObject(
    {
      type: z.enum(["string", "integer", "number", "boolean", "array", "object"]),
      description: oneLine(300).optional(),
      enum: z
        .array(z.union([oneLine(100), z.number()]))
        .min(1)
        .max(50)
        .optional(),
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      minLength: count.optional(),
      maxLength: count.optional(),
      minItems: count.optional(),
      maxItems: count.optional(),
      items: InputProperty.optional(),
      properties: z.record(name, InputProperty).optional(),
      required: z.array(name).optional(),
    },
    {
      error: (issue) => (issue.code === "unrecognized_keys" ? `only these keywords are known: ${keywords}` : undefined),
    },
  ),
);

const mostArguments = 32;
const mostLevels = 4;

/** Looks at the size before the schema is checked: the check itself goes as deep as the schema does. */
function checkShape(root: unknown, context: z.RefinementCtx): void {
  let count = 0;
  const open = [{ schema: root, level: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { schema, level } = next;
    if (level > mostLevels) return context.addIssue(`arguments are nested at most ${mostLevels} levels deep`);
    if (typeof schema !== "object" || schema === null) continue;
    const { items, properties } = schema as Record<string, unknown>;
    if (items !== undefined) open.push({ schema: items, level: level + 1 });
    if (typeof properties !== "object" || properties === null) continue;
    for (const [key, inner] of Object.entries(properties)) {
      if (++count > mostArguments)
        return context.addIssue(`a tool has at most ${mostArguments} arguments, at all levels`);
      if (key in Object.prototype)
        return context.addIssue(`an argument cannot be named ${key}, as every object has that`);
      open.push({ schema: inner, level: level + 1 });
    }
  }
}

/** What a tool takes: an object. Arguments that it does not name are refused. */
export const InputSchema = z
  .unknown()
  .superRefine(checkShape)
  .pipe(
    z.strictObject({
      type: z.literal("object"),
      properties: z.record(name, InputProperty).default({}),
      required: z.array(name).default([]),
      additionalProperties: z.literal(false).optional(),
    }),
  );
export type InputSchema = z.infer<typeof InputSchema>;

/** The check for arguments of a call. */
export function inputCheck(schema: InputSchema): z.ZodType<Record<string, unknown>> {
  const closed = { ...closedObject(schema), additionalProperties: false };
  return z.fromJSONSchema(closed as z.core.JSONSchema.JSONSchema) as z.ZodType<Record<string, unknown>>;
}

function closedObject(schema: InputSchema | InputProperty): Record<string, unknown> {
  const { properties, ...rest } = schema;
  const items = "items" in schema && schema.items !== undefined ? { items: closedObject(schema.items) } : {};
  if (properties === undefined) return { ...rest, ...items };
  const closed = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, closedObject(value)]));
  return { ...rest, ...items, properties: closed, additionalProperties: false };
}
