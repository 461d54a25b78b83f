import { assertNever } from "../protocol/agent-events.ts";
import type { Message } from "../protocol/messages.ts";
import type { ToolSignature } from "../protocol/tool-call.ts";
import type { ContentShield } from "./content-shield.ts";

/** A message in the form that chat templates read: that of the OpenAI chat API, with arguments as objects. */
export function templateMessage(message: Message, shield: ContentShield): Record<string, unknown> {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: shield.protect(message.text) };
    case "assistant":
      return {
        role: "assistant",
        content: shield.protect(message.text),
        ...(message.thought === undefined ? {} : { reasoning_content: shield.protect(message.thought) }),
        ...(message.calls.length === 0 ? {} : { tool_calls: message.calls.map((call) => templateCall(call, shield)) }),
      };
    case "tool":
      return {
        role: "tool",
        tool_call_id: shield.protect(message.callId),
        name: shield.protect(message.name),
        content: shield.protect(message.text),
      };
    default:
      return assertNever(message);
  }
}

type Call = Extract<Message, { role: "assistant" }>["calls"][number];

function templateCall({ id, name, args }: Call, shield: ContentShield): Record<string, unknown> {
  const body = { name: shield.protect(name), arguments: shield.protectValue(args) };
  return { id: shield.protect(id), type: "function", function: body };
}

export function templateTool({ name, description, parameters }: ToolSignature, shield: ContentShield): unknown {
  return { type: "function", function: shield.protectValue({ name, description, parameters }) };
}
