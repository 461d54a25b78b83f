import type { Message, ToolMessage } from "../protocol/messages.ts";

const interrupted =
  "error: the program ended before this call finished; it may or may not have taken effect. Check before you repeat it.";

/**
 * The results that are missing because a process died between a call and its result. Calls without a
 * result make templates fail and models repeat themselves.
 */
export function missingResults(messages: readonly Message[]): ToolMessage[] {
  const at = messages.findLastIndex(({ role }) => role === "assistant");
  const last = messages[at];
  const calls = last?.role === "assistant" ? last.calls : [];
  // Ids are unique within one reply only, so earlier results say nothing.
  const results = messages.slice(at + 1);
  const answered = new Set(results.flatMap((message) => (message.role === "tool" ? [message.callId] : [])));
  return calls
    .filter(({ id }) => !answered.has(id))
    .map(({ id, name }) => ({
      role: "tool",
      callId: id,
      name,
      status: "failed",
      text: interrupted,
      summary: "interrupted",
    }));
}
