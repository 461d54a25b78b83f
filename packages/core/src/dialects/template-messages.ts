import { createHash } from "node:crypto";

import { assertNever } from "../protocol/agent-events.ts";
import type { AssistantMessage, Message } from "../protocol/messages.ts";
import type { ToolSignature } from "../protocol/tool-call.ts";
import type { ToolFormat } from "./format/tool-format.ts";

/** Messages in the form that chat templates read: that of the OpenAI chat API, as this template wants it. */
export function templateMessages(messages: readonly Message[], format: ToolFormat): Record<string, unknown>[] {
  const ids = idsFor(messages, format.ids);
  return messages.map((message) => templateMessage(message, format, ids));
}

function templateMessage(
  message: Message,
  { argumentsAs }: ToolFormat,
  ids: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const idOf = (id: string): string => ids.get(id) ?? id;
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.text };
    case "assistant": {
      const calls = message.calls.map((call) => ({ ...templateCall(call, argumentsAs), id: idOf(call.id) }));
      return {
        role: "assistant",
        content: message.text,
        ...(message.thought === undefined ? {} : { reasoning_content: message.thought }),
        ...(calls.length === 0 ? {} : { tool_calls: calls }),
      };
    }
    case "tool":
      return { role: "tool", tool_call_id: idOf(message.callId), name: message.name, content: message.text };
    default:
      return assertNever(message);
  }
}

type Call = AssistantMessage["calls"][number];

const templateCall = ({ name, args }: Call, form: ToolFormat["argumentsAs"]): Record<string, unknown> => ({
  type: "function",
  function: { name, arguments: form === "object" ? args : JSON.stringify(args) },
});

/** Ids as the template demands them, the same for the same conversation. */
function idsFor(messages: readonly Message[], form: ToolFormat["ids"]): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  if (form === "own") return ids;
  const calls = messages.flatMap((message) => (message.role === "assistant" ? message.calls : []));
  for (const [index, { id, name }] of calls.entries()) {
    const nine = createHash("sha256").update(id).digest("hex").slice(0, 9);
    ids.set(id, form === "nine" ? nine : `functions.${name}:${index}`);
  }
  return ids;
}

export const templateTool = ({ name, description, parameters }: ToolSignature): unknown => ({
  type: "function",
  function: { name, description, parameters },
});
