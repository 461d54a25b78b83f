import * as z from "zod";

import { parseJson } from "../../protocol/json.ts";
import type { ToolSignature } from "../../protocol/tool-call.ts";

const Tool = z.looseObject({ name: z.string(), description: z.string().default(""), parameters: z.string() });

/**
 * One line of a corpus of chat cases: what a model generated behind the prompt of a template, and under which
 * settings. `reasoning_format` 0 leaves thoughts in the text; `continue_final` 2 goes on within the thought of the
 * last message, 3 within its text. Further fields, such as the expected message, are not read.
 */
export const ChatCase = z.looseObject({
  template: z.string(),
  input: z.string(),
  is_partial: z.boolean().default(false),
  params: z.looseObject({
    enable_thinking: z.boolean().default(true),
    reasoning_format: z.int().default(1),
    tool_choice: z.int().default(0),
    continue_final: z.int().default(0),
    json_schema: z.string().default(""),
    tools: z.array(Tool).nullish(),
    messages: z.array(z.looseObject({ role: z.string() })).default([]),
  }),
});
export type ChatCase = z.infer<typeof ChatCase>;

const Parameters = z.looseObject({ type: z.literal("object").default("object") });

export const caseTools = ({ params }: ChatCase): ToolSignature[] =>
  (params.tools ?? []).map(({ name, description, parameters }) => ({
    name,
    description,
    parameters: parseJson(parameters, Parameters, `the parameters of ${name}`),
  }));
