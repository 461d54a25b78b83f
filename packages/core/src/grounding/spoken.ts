import type { Message } from "../protocol/messages.ts";
import type { ToolCall } from "../protocol/tool-call.ts";

/** A text that is not the model's own invention: the person's, or a result, with the call it answers. */
export interface Spoken {
  text: string;
  call?: ToolCall;
}

const mostCharacters = 64_000;

/** What was said last, the person's last words before all else and then the latest first. */
export function spokenLately(messages: readonly Message[]): Spoken[] {
  const last = messages.findLast(({ role }) => role === "user");
  const others = messages.filter((message) => message !== last).toReversed();
  const spoken = [...(last === undefined ? [] : [last]), ...others].flatMap((message) => asSpoken(message, messages));
  let left = mostCharacters;
  return spoken.flatMap(({ text, ...more }) => {
    const kept = text.slice(0, Math.max(0, left));
    left -= text.length;
    return kept === "" ? [] : [{ text: kept, ...more }];
  });
}

function asSpoken(message: Message, messages: readonly Message[]): Spoken[] {
  if (message.role === "user") return [{ text: message.text }];
  if (message.role !== "tool") return [];
  const call = messages
    .flatMap((other) => (other.role === "assistant" ? other.calls : []))
    .findLast(({ id }) => id === message.callId);
  return [{ text: message.text, ...(call === undefined ? {} : { call }) }];
}
