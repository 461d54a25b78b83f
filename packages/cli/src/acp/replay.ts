import type { SessionUpdate } from "@agentclientprotocol/sdk";
import type { Message, ToolMessage } from "@trust-cli/core/protocol";

import { callLocations, fenced, textContent, toolKind, toolTitle } from "./tool-calls.ts";

/** A stored conversation as updates, for an editor that opens it again. */
export function replayUpdates(messages: readonly Message[], root: string): SessionUpdate[] {
  return messages.flatMap((message, index) => {
    if (message.role === "user") return message.origin === undefined ? userUpdates(message.text) : [];
    if (message.role !== "assistant") return [];
    const results = resultsAfter(messages, index);
    return assistantUpdates(message, { results, root, prefix: `earlier-${index}` });
  });
}

/** Ids repeat from reply to reply: only the results right after a reply are its own. */
function resultsAfter(messages: readonly Message[], index: number): Map<string, ToolMessage> {
  const results = new Map<string, ToolMessage>();
  for (const message of messages.slice(index + 1)) {
    if (message.role !== "tool") break;
    results.set(message.callId, message);
  }
  return results;
}

const userUpdates = (text: string): SessionUpdate[] => [
  { sessionUpdate: "user_message_chunk", content: { type: "text", text } },
];

interface Context {
  results: ReadonlyMap<string, ToolMessage>;
  root: string;
  prefix: string;
}

function assistantUpdates(
  { text, thought, calls }: Extract<Message, { role: "assistant" }>,
  { results, root, prefix }: Context,
): SessionUpdate[] {
  const chunk = (sessionUpdate: "agent_thought_chunk" | "agent_message_chunk", said: string): SessionUpdate[] =>
    said === "" ? [] : [{ sessionUpdate, content: { type: "text", text: said } }];
  return [
    ...chunk("agent_thought_chunk", thought ?? ""),
    ...chunk("agent_message_chunk", text),
    ...calls.map((call): SessionUpdate => {
      const result = results.get(call.id);
      const path = call.args["path"];
      return {
        sessionUpdate: "tool_call",
        toolCallId: `${prefix}.${call.id}`,
        title: toolTitle(call.name, typeof path === "string" ? path : ""),
        kind: toolKind(call.name),
        status: result?.status === "ok" ? "completed" : "failed",
        locations: callLocations(call, root),
        rawInput: call.args,
        ...(result === undefined ? {} : { content: [textContent(fenced(result.text))] }),
      };
    }),
  ];
}
