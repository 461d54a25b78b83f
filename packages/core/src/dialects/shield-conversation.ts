import { assertNever } from "../protocol/agent-events.ts";
import type { Message } from "../protocol/messages.ts";
import type { ToolSignature } from "../protocol/tool-call.ts";
import type { ContentShield } from "./content-shield.ts";

/** A message in which every text of people, files and models is shielded; what we write around it later is not. */
export function shieldMessage(message: Message, shield: ContentShield): Message {
  switch (message.role) {
    case "system":
    case "user":
      return { ...message, text: shield.protect(message.text) };
    case "assistant":
      return {
        ...message,
        text: shield.protect(message.text),
        ...(message.thought === undefined ? {} : { thought: shield.protect(message.thought) }),
        calls: message.calls.map((call) => ({
          ...call,
          id: shield.protect(call.id),
          name: shield.protect(call.name),
          args: shield.protectValue(call.args) as Record<string, unknown>,
        })),
      };
    case "tool":
      return {
        ...message,
        callId: shield.protect(message.callId),
        name: shield.protect(message.name),
        text: shield.protect(message.text),
      };
    default:
      return assertNever(message);
  }
}

export const shieldTool = ({ name, description, parameters }: ToolSignature, shield: ContentShield): ToolSignature => ({
  name: shield.protect(name),
  description: shield.protect(description),
  parameters: shield.protectValue(parameters) as ToolSignature["parameters"],
});
