import * as z from "zod";

/** One correction made to a call that the model wrote, for example `strip-control-token`. */
export const Repair = z.strictObject({ kind: z.string(), detail: z.string() });
export type Repair = z.infer<typeof Repair>;

/** How a call reached us: written in the model's own syntax, by a server, leaked into text, or forced. */
export const CallRoute = z.enum(["native", "parsed", "leak", "forced"]);
export type CallRoute = z.infer<typeof CallRoute>;

/**
 * A tool call with parsed arguments. `raw` is the text or JSON exactly as the model wrote it. `grounded` names the
 * arguments for which the model could only choose among candidates.
 */
export const ToolCall = z.strictObject({
  id: z.string(),
  name: z.string(),
  args: z.record(z.string(), z.unknown()),
  raw: z.string(),
  via: CallRoute,
  repairs: z.array(Repair),
  grounded: z.array(z.string()).optional(),
});
export type ToolCall = z.infer<typeof ToolCall>;

/** What the model is told about a tool. `parameters` is a JSON Schema of type `object`. */
export interface ToolSignature {
  name: string;
  description: string;
  parameters: JsonSchemaObject;
}

/** The part of JSON Schema 2020-12 that tool signatures use; unknown keywords pass through. */
export interface JsonSchema {
  type?: string | readonly string[];
  description?: string;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  items?: JsonSchema;
  enum?: readonly unknown[];
  const?: unknown;
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  additionalProperties?: boolean | JsonSchema;
  [keyword: string]: unknown;
}
export interface JsonSchemaObject extends JsonSchema {
  type: "object";
}

/** By tool and argument, the values that there are for it; an argument that is not here is free. */
export type Candidates = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export function candidatesFor(candidates: Candidates, tool: string, argument: string): readonly string[] | undefined {
  const ofTool = Object.hasOwn(candidates, tool) ? candidates[tool] : undefined;
  return ofTool !== undefined && Object.hasOwn(ofTool, argument) ? ofTool[argument] : undefined;
}

/** Whether the model may, must not, or must call a tool; or which one it must call. */
export type ToolChoice = "auto" | "none" | "required" | { name: string };
