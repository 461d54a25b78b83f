import type { ModelRequest, Sampling } from "../../ports/model.ts";
import { assertNever } from "../../protocol/agent-events.ts";
import type { Message } from "../../protocol/messages.ts";
import type { JsonSchema, ToolSignature } from "../../protocol/tool-call.ts";
import { callOfOne, forcedTools, withCallInWords } from "../server/forced-call.ts";
import { withSchemaInWords } from "../server/schema-in-words.ts";
import type { ServerTraits } from "./server-traits.ts";

/** The body of POST /v1/chat/completions (OpenAI API reference; some fields are llama-server's), as the server takes it. */
export function chatRequest(model: string, asked: ModelRequest, traits: ServerTraits): Record<string, unknown> {
  const request = fittedRequest(asked, traits);
  const { messages, tools, outputSchema, maxTokens, sampling, thinking } = request;
  const toolFields = {
    tools: tools.map(chatTool),
    tool_choice: request.toolChoice,
    // A call that is asked for is one call.
    parallel_tool_calls: request.toolChoice !== "required",
  };
  return withoutRefused(
    {
      model,
      messages: messages.map((message) => chatMessage(message, traits)),
      ...(tools.length === 0 ? {} : toolFields),
      ...(traits.limitField === undefined ? {} : { [traits.limitField]: maxTokens }),
      ...samplingFields(sampling),
      ...(outputSchema === undefined ? {} : replyFormat(outputSchema, traits)),
      // As llama-server, vLLM and SGLang have it; the names are those of the models' own templates.
      ...(thinking === false ? { chat_template_kwargs: { enable_thinking: false } } : {}),
      stream: true,
      stream_options: { include_usage: true },
      return_progress: true,
    },
    traits,
  );
}

/** The request in the words that the server knows: a tool is named by offering no other, a schema perhaps in words. */
export function fittedRequest(asked: ModelRequest, traits: ServerTraits): ModelRequest {
  const request = isBoundCall(asked, traits) ? boundCall(asked) : withPlainChoice(asked, traits);
  const { outputSchema, messages } = request;
  const needsWords = outputSchema !== undefined && traits.replyFormat !== "json_schema";
  return needsWords ? { ...request, messages: withSchemaInWords(messages, outputSchema) } : request;
}

/** The reply is one call in JSON, because the server has no other way to make sure of it. */
export const isBoundCall = (request: ModelRequest, { toolChoice }: ServerTraits): boolean =>
  toolChoice === "schema" && forcedTools(request).length > 0;

function boundCall(request: ModelRequest): ModelRequest {
  const tools = forcedTools(request);
  const messages = withCallInWords(request.messages, tools);
  return { ...request, messages, tools: [], toolChoice: "none", outputSchema: callOfOne(tools) };
}

function withPlainChoice(request: ModelRequest, { toolChoice }: ServerTraits): ModelRequest {
  const forced = forcedTools(request);
  if (forced.length === 0) return request;
  return { ...request, tools: forced, toolChoice: toolChoice === "auto" ? "auto" : "required" };
}

export const withoutRefused = (body: Record<string, unknown>, { refused }: ServerTraits): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body).filter(([field]) => !refused.has(field)));

function replyFormat(schema: JsonSchema, traits: ServerTraits): Record<string, unknown> {
  if (traits.replyFormat === undefined) return {};
  const bound = { type: "json_schema", json_schema: { name: "reply", schema } };
  return { response_format: traits.replyFormat === "json_schema" ? bound : { type: "json_object" } };
}

function chatMessage(message: Message, traits: ServerTraits): Record<string, unknown> {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.text };
    case "assistant":
      return {
        role: "assistant",
        content: message.text,
        ...thoughtOf(message, traits),
        ...(message.calls.length === 0 ? {} : { tool_calls: message.calls.map(chatCall) }),
      };
    case "tool":
      return { role: "tool", tool_call_id: message.callId, content: message.text };
    default:
      return assertNever(message);
  }
}

type AssistantMessage = Extract<Message, { role: "assistant" }>;

/** Thoughts go back only where the server itself sends them; others would take them for an unknown field. */
function thoughtOf({ thought }: AssistantMessage, { thoughtField, refused }: ServerTraits): Record<string, string> {
  if (thought === undefined || thoughtField === undefined || refused.has(thoughtField)) return {};
  return { [thoughtField]: thought };
}

const chatCall = ({ id, name, args }: AssistantMessage["calls"][number]): Record<string, unknown> => ({
  id,
  type: "function",
  function: { name, arguments: JSON.stringify(args) },
});

const chatTool = ({ name, description, parameters }: ToolSignature): Record<string, unknown> => ({
  type: "function",
  function: { name, description, parameters },
});

function samplingFields(sampling: Sampling): Record<string, number> {
  const fields: Record<string, number | undefined> = {
    temperature: sampling.temperature,
    top_k: sampling.topK,
    top_p: sampling.topP,
    min_p: sampling.minP,
    repeat_penalty: sampling.repeatPenalty,
    seed: sampling.seed,
  };
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, number] => field[1] !== undefined),
  );
}
