import type { ModelRequest, Sampling } from "../../ports/model.ts";
import { assertNever } from "../../protocol/agent-events.ts";
import type { Message } from "../../protocol/messages.ts";
import type { ToolChoice, ToolSignature } from "../../protocol/tool-call.ts";

/** The body of POST /v1/chat/completions (OpenAI API reference; the extra sampling fields are llama-server's). */
export function chatRequest(model: string, request: ModelRequest): Record<string, unknown> {
  const { messages, tools, toolChoice, maxTokens, sampling } = request;
  const toolFields = { tools: tools.map(chatTool), tool_choice: chatToolChoice(toolChoice) };
  return {
    model,
    messages: messages.map(chatMessage),
    ...(tools.length === 0 ? {} : toolFields),
    max_tokens: maxTokens,
    ...samplingFields(sampling),
    stream: true,
    stream_options: { include_usage: true },
  };
}

function chatMessage(message: Message): Record<string, unknown> {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.text };
    case "assistant":
      return {
        role: "assistant",
        content: message.text,
        ...(message.calls.length === 0 ? {} : { tool_calls: message.calls.map(chatCall) }),
      };
    case "tool":
      return { role: "tool", tool_call_id: message.callId, content: message.text };
    default:
      return assertNever(message);
  }
}

type Call = Extract<Message, { role: "assistant" }>["calls"][number];

const chatCall = ({ id, name, args }: Call): Record<string, unknown> => ({
  id,
  type: "function",
  function: { name, arguments: JSON.stringify(args) },
});

const chatTool = ({ name, description, parameters }: ToolSignature): Record<string, unknown> => ({
  type: "function",
  function: { name, description, parameters },
});

const chatToolChoice = (choice: ToolChoice): unknown =>
  typeof choice === "string" ? choice : { type: "function", function: { name: choice.name } };

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
