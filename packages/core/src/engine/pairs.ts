import type { Message, ToolMessage } from "../protocol/messages.ts";
import type { ToolCall } from "../protocol/tool-call.ts";

/** A result with the call it answers. `index` is the result's place among the messages. */
export interface Pair {
  call: ToolCall;
  result: ToolMessage;
  index: number;
}

/** Every result with its call, in order. Ids are unique within one reply only: the reply before a result counts. */
export function eachCall(messages: readonly Message[]): Pair[] {
  const pairs: Pair[] = [];
  let calls: readonly ToolCall[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role === "assistant") calls = message.calls;
    if (message.role !== "tool") continue;
    const call = calls.find(({ id }) => id === message.callId);
    if (call !== undefined) pairs.push({ call, result: message, index });
  }
  return pairs;
}
