import { type DialectParser, isRecord, readArguments, tryParseJson } from "../../dialects/index.ts";
import type { ModelRequest } from "../../ports/model.ts";
import type { Message } from "../../protocol/messages.ts";
import type { ParsedEvent } from "../../protocol/model-events.ts";
import type { JsonSchema, ToolSignature } from "../../protocol/tool-call.ts";

/** The tools of which one must be called; none where the request leaves the model a choice. */
export function forcedTools({
  tools,
  toolChoice,
}: Pick<ModelRequest, "tools" | "toolChoice">): readonly ToolSignature[] {
  if (toolChoice === "auto" || toolChoice === "none") return [];
  return toolChoice === "required" ? tools : tools.filter(({ name }) => name === toolChoice.name);
}

/** Admits one call of one of the tools, as `{"name": …, "arguments": {…}}`. */
export function callOfOne(tools: readonly ToolSignature[]): JsonSchema {
  const schemas = tools.map(({ name, parameters }) => callSchema({ const: name }, parameters));
  return schemas.length === 1 ? (schemas[0] ?? {}) : { anyOf: schemas };
}

/** The same with any arguments: a schema so plain that every server takes it. */
export const callByName = (tools: readonly ToolSignature[]): JsonSchema =>
  callSchema({ enum: tools.map(({ name }) => name) }, { type: "object" });

const callSchema = (name: JsonSchema, parameters: JsonSchema): JsonSchema => ({
  type: "object",
  properties: { name, arguments: parameters },
  required: ["name", "arguments"],
  additionalProperties: false,
});

/** The conversation for a reply that is a call: the tools stand in words, because none are offered. */
export function withCallInWords(messages: readonly Message[], tools: readonly ToolSignature[]): Message[] {
  const listed = tools.map(({ name, description, parameters }) => JSON.stringify({ name, description, parameters }));
  const words = [
    "Call one of these tools now:",
    ...listed,
    'Answer with the call alone, as one JSON object: {"name": "…", "arguments": {…}}',
  ].join("\n");
  const [first, ...rest] = messages;
  return first?.role === "system"
    ? [{ role: "system", text: `${first.text}\n\n${words}` }, ...rest]
    : [{ role: "system", text: words }, ...messages];
}

/** Reads a reply that is one call: nothing is told of it before it is whole. */
export class ForcedCall implements DialectParser {
  readonly #nextCallId: () => string;
  #raw = "";

  constructor(nextCallId: () => string) {
    this.#nextCallId = nextCallId;
  }

  push(text: string): ParsedEvent[] {
    this.#raw += text;
    return [];
  }

  end(truncated: boolean): ParsedEvent[] {
    const raw = this.#raw.trim();
    if (raw === "") return [];
    const id = this.#nextCallId();
    const invalid = (error: string): ParsedEvent[] => [{ type: "call-invalid", id, raw, errors: [error], truncated }];
    const parsed = tryParseJson(raw, "the call");
    if (!parsed.ok) return invalid(truncated ? "the reply was cut off inside the call" : parsed.error.message);
    const name = isRecord(parsed.value) ? parsed.value["name"] : undefined;
    if (!isRecord(parsed.value) || typeof name !== "string") return invalid("the call has no name");
    const read = readArguments(parsed.value["arguments"]);
    if (!read.ok) return invalid(read.error.message);
    const { args, repairs } = read.value;
    return [
      { type: "call-start", id, name },
      { type: "call-delta", id, delta: JSON.stringify(args) },
      { type: "call-end", call: { id, name, args, raw, via: "forced", repairs } },
    ];
  }
}
