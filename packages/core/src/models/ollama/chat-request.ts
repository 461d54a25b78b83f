import type { ChatRequest, GenerateRequest, Message as OllamaMessage, Tool } from "ollama/browser";

import type { ModelRequest, Sampling } from "../../ports/model.ts";
import { assertNever } from "../../protocol/agent-events.ts";
import type { Message } from "../../protocol/messages.ts";
import type { ToolSignature } from "../../protocol/tool-call.ts";

/** Fields of the API that the package's types lack: without them Ollama cuts a prompt that is too long, silently. */
interface Whole {
  stream: true;
  truncate: false;
  shift: false;
}
export type WholeChatRequest = ChatRequest & Whole;
export type WholeGenerateRequest = GenerateRequest & Whole;

/** What every request says besides the conversation. */
export interface ReplySettings {
  model: string;
  /** It goes with every request: Ollama's own default is 4096 on most machines. */
  contextSize: number;
  maxTokens: number;
  sampling: Sampling;
  /** What the whole reply is bound to: a JSON Schema, or any JSON. */
  format?: object | "json";
  /** Without thoughts, where the model can leave them out. */
  think?: false;
}

type Prompt = Pick<ModelRequest, "messages" | "tools">;

/** The body of POST /api/chat. */
export function chatRequest(settings: ReplySettings, { messages, tools }: Prompt): WholeChatRequest {
  const { think } = settings;
  return {
    ...shared(settings),
    messages: messages.map(chatMessage),
    ...(tools.length === 0 ? {} : { tools: tools.map(chatTool) }),
    ...(think === undefined ? {} : { think }),
  };
}

/** The body of POST /api/generate for a prompt that is rendered already. */
export const generateRequest = (settings: ReplySettings, prompt: string): WholeGenerateRequest => ({
  ...shared(settings),
  prompt,
  raw: true,
});

function shared({ model, contextSize, maxTokens, sampling, format }: ReplySettings) {
  return {
    model,
    options: { num_ctx: contextSize, num_predict: maxTokens, ...samplingOptions(sampling) },
    ...(format === undefined ? {} : { format }),
    stream: true,
    truncate: false,
    shift: false,
  } as const;
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
