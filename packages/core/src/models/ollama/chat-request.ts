import type { ChatRequest, Message as OllamaMessage, Tool } from "ollama/browser";

import type { ModelRequest, Sampling } from "../../ports/model.ts";
import { assertNever } from "../../protocol/agent-events.ts";
import type { Message } from "../../protocol/messages.ts";
import type { ToolSignature } from "../../protocol/tool-call.ts";

/** Fields of the API that the package's types lack: without them Ollama cuts a prompt that is too long, silently. */
type WholeChatRequest = ChatRequest & { stream: true; truncate: false; shift: false };

/** The body of POST /api/chat. `num_ctx` goes with every request: Ollama's own default is 4096 on most machines. */
export function chatRequest(model: string, contextSize: number, request: ModelRequest): WholeChatRequest {
  const { messages, tools, maxTokens, sampling } = request;
  return {
    model,
    messages: messages.map(chatMessage),
    ...(tools.length === 0 ? {} : { tools: tools.map(chatTool) }),
    options: { num_ctx: contextSize, num_predict: maxTokens, ...samplingOptions(sampling) },
    stream: true,
    truncate: false,
    shift: false,
  };
}

/** Ollama has no tool choice: what may not be called is left out. */
export function offeredTools({ tools, toolChoice }: Pick<ModelRequest, "tools" | "toolChoice">): ModelRequest["tools"] {
  if (toolChoice === "none") return [];
  return typeof toolChoice === "string" ? tools : tools.filter(({ name }) => name === toolChoice.name);
}

function chatMessage(message: Message): OllamaMessage {
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
    case "tool": {
      const named = { role: "tool", content: message.text, tool_name: message.name, tool_call_id: message.callId };
      return named;
    }
    default:
      return assertNever(message);
  }
}

type Call = Extract<Message, { role: "assistant" }>["calls"][number];

const chatCall = ({ id, name, args }: Call) => ({ id, function: { name, arguments: args } });

const chatTool = ({ name, description, parameters }: ToolSignature): Tool => ({
  type: "function",
  function: { name, description, parameters: parameters as NonNullable<Tool["function"]["parameters"]> },
});

function samplingOptions(sampling: Sampling): NonNullable<ChatRequest["options"]> {
  const { temperature, topK, topP, minP, repeatPenalty, seed } = sampling;
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topK === undefined ? {} : { top_k: topK }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(minP === undefined ? {} : { min_p: minP }),
    ...(repeatPenalty === undefined ? {} : { repeat_penalty: repeatPenalty }),
    ...(seed === undefined ? {} : { seed }),
  };
}
