import type { DialectParser } from "../../dialects/index.ts";
import type { ModelRequest } from "../../ports/model.ts";
import type { Message } from "../../protocol/messages.ts";
import type { ToolSignature } from "../../protocol/tool-call.ts";
import { callByName, callOfOne, ForcedCall, forcedTools, withCallInWords } from "../server/forced-call.ts";
import { withSchemaInWords } from "../server/schema-in-words.ts";

/** A request as it can be put to Ollama, which knows neither tool choices nor several ways to bind a reply. */
export interface BoundRequest {
  messages: readonly Message[];
  tools: readonly ToolSignature[];
  /** What the whole reply is bound to. */
  format?: object | "json";
  /** The reply is one call in JSON, and this reads it. */
  readCall?: DialectParser;
}

/**
 * Binds a reply as its request asks. A call that must come is one JSON object of the reply's whole text, because
 * Ollama has no other way to make sure of it. `loosely`: by a schema so plain that any version takes it.
 */
export function bindRequest(request: ModelRequest, nextCallId: () => string, loosely: boolean): BoundRequest {
  const { messages, tools, toolChoice, outputSchema } = request;
  const forced = forcedTools(request);
  if (forced.length > 0) {
    const format = loosely ? callByName(forced) : callOfOne(forced);
    return { messages: withCallInWords(messages, forced), tools: [], format, readCall: new ForcedCall(nextCallId) };
  }
  const offered = toolChoice === "none" ? [] : tools;
  if (outputSchema === undefined) return { messages, tools: offered };
  // Bound from its first letter on, a reply could call no tool.
  if (offered.length > 0) return { messages: withSchemaInWords(messages, outputSchema), tools: offered };
  return loosely
    ? { messages: withSchemaInWords(messages, outputSchema), tools: [], format: "json" }
    : { messages, tools: [], format: outputSchema };
}
