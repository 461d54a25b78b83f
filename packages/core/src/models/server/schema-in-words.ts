import type { Message } from "../../protocol/messages.ts";
import type { JsonSchema } from "../../protocol/tool-call.ts";

/** The conversation with a request for JSON at its end, for servers that cannot bind a reply to a schema. */
export function withSchemaInWords(messages: readonly Message[], schema: JsonSchema): Message[] {
  const words = `Answer with one JSON value that fits this JSON Schema, and nothing else:\n${JSON.stringify(schema)}`;
  const last = messages.at(-1);
  return last?.role === "user"
    ? [...messages.slice(0, -1), { role: "user", text: `${last.text}\n\n${words}` }]
    : [...messages, { role: "user", text: words }];
}
