import * as z from "zod";

import type { Tool } from "../ports/tool.ts";
import type { JsonSchema, ToolSignature } from "../protocol/tool-call.ts";

/** What a model is told of a tool: its schema with the keywords that every backend understands, and no others. */
export function toolSignature(tool: Tool): ToolSignature {
  const { properties = {}, required = [] } = plain(z.toJSONSchema(tool.input, { io: "input" }));
  return {
    name: tool.name,
    description: tool.description,
    parameters: { type: "object", properties, required },
  };
}

type AnySchema = z.core.JSONSchema._JSONSchema;

function plain(schema: AnySchema): JsonSchema {
  if (typeof schema === "boolean") return {};
  const { type, properties, required, items, enum: values } = schema;
  return {
    ...(type === undefined ? {} : { type }),
    ...(properties === undefined ? {} : { properties: plainProperties(properties) }),
    ...(required === undefined ? {} : { required }),
    ...(items === undefined || Array.isArray(items) ? {} : { items: plain(items) }),
    ...(values === undefined ? {} : { enum: values }),
  };
}

function plainProperties(properties: Record<string, AnySchema>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, plain(schema)]));
}
