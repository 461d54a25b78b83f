import type { ModelRequest } from "../../ports/model.ts";
import type { Message } from "../../protocol/messages.ts";
import type { JsonSchema, ToolSignature } from "../../protocol/tool-call.ts";
import { fittedRequest, withoutRefused } from "./chat-request.ts";
import type { ServerTraits } from "./server-traits.ts";

/** The body of POST /v1/responses (OpenAI API reference). The server keeps nothing: the whole conversation is sent. */
export function responsesRequest(model: string, asked: ModelRequest, traits: ServerTraits): Record<string, unknown> {
  const request = fittedRequest(asked, traits);
  const { messages, tools, outputSchema, maxTokens, sampling } = request;
  const toolFields = {
    tools: tools.map(responsesTool),
    tool_choice: request.toolChoice,
    // A call that is asked for is one call.
    parallel_tool_calls: request.toolChoice !== "required",
  };
  const { temperature, topP } = sampling;
  return withoutRefused(
    {
      model,
      input: messages.flatMap((message) => inputItems(message, traits)),
      ...(tools.length === 0 ? {} : toolFields),
      max_output_tokens: maxTokens,
      ...(temperature === undefined ? {} : { temperature }),
      ...(topP === undefined ? {} : { top_p: topP }),
      ...(outputSchema === undefined ? {} : textFormat(outputSchema, traits)),
      store: false,
      stream: true,
    },
    traits,
  );
}

function inputItems(message: Message, { thoughtField, refused }: ServerTraits): Record<string, unknown>[] {
  if (message.role === "tool") return [{ type: "function_call_output", call_id: message.callId, output: message.text }];
  const { role, text } = message;
  const said = { type: "message", role, content: text };
  if (message.role !== "assistant") return [said];
  const calls = message.calls.map(({ id, name, args }) => ({
    type: "function_call",
    call_id: id,
    name,
    arguments: JSON.stringify(args),
  }));
  const { thought } = message;
  const sendsThought = thought !== undefined && thoughtField !== undefined && !refused.has(thoughtField);
  const reasoning = { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: thought }] };
  return [...(sendsThought ? [reasoning] : []), ...(text === "" ? [] : [said]), ...calls];
}

const responsesTool = ({ name, description, parameters }: ToolSignature): Record<string, unknown> => ({
  type: "function",
  name,
  description,
  parameters,
  strict: false,
});

function textFormat(schema: JsonSchema, { replyFormat }: ServerTraits): Record<string, unknown> {
  if (replyFormat === undefined) return {};
  const bound = { type: "json_schema", name: "reply", schema };
  return { text: { format: replyFormat === "json_schema" ? bound : { type: "json_object" } } };
}
