import type { Message } from "../protocol/messages.ts";
import type { ToolSignature } from "../protocol/tool-call.ts";
import type { ToolFormat } from "./format/tool-format.ts";
import { jsonText, writeCalls } from "./write-calls.ts";

/** What is sent to a template that lacks something: tools, calls, results, a system role or turns in a row. */
export interface PlainConversation {
  messages: readonly Message[];
  tools: readonly ToolSignature[];
}

/** Writes into plain messages whatever the template would lose. */
export function plainConversation({ messages, tools }: PlainConversation, format: ToolFormat): PlainConversation {
  let plain = [...messages];
  if (!format.writes.tools && tools.length > 0) plain = withToolText(plain, toolText(tools, format));
  if (!format.writes.calls) plain = plain.map((message) => withCallText(message, format, tools));
  if (!format.writes.results) plain = plain.map(asUserResult);
  if (!format.writes.system) plain = withoutSystem(plain);
  return { messages: format.writes.rows ? plain : joinRows(plain), tools: format.writes.tools ? tools : [] };
}

const brokenOff = "I was interrupted.";

function withToolText(messages: readonly Message[], text: string): Message[] {
  const [first, ...rest] = messages;
  if (first?.role === "system") return [{ role: "system", text: `${first.text}\n\n${text}` }, ...rest];
  return [{ role: "system", text }, ...messages];
}

/** What a model is told that its own template tells it nothing of. */
function toolText(tools: readonly ToolSignature[], format: ToolFormat): string {
  const { calls } = format;
  if (calls === undefined) return "";
  const listed = tools.map(({ name, description, parameters }) => jsonText({ name, description, parameters }));
  const example = writeCalls(calls, [
    { name: "tool_name", args: { first_argument: "value", second_argument: "a value\nof two lines" } },
  ]);
  return [
    "# Tools",
    "",
    "You can call these tools, one JSON object a line:",
    ...listed,
    "",
    "To call one, write exactly this, with the names and values that you need, and nothing after it:",
    example,
    "",
    `${calls.body.kind === "tagged" ? "Values stand as they are, without quotes or escapes. " : ""}You get the result in the next message.`,
  ].join("\n");
}

function withCallText(message: Message, format: ToolFormat, tools: readonly ToolSignature[]): Message {
  if (message.role !== "assistant" || message.calls.length === 0 || format.calls === undefined) return message;
  const calls = writeCalls(format.calls, message.calls, tools);
  const text = message.text === "" ? calls : `${message.text}${format.calls.lead}${calls}`;
  return { ...message, text, calls: [] };
}

function asUserResult(message: Message): Message {
  if (message.role !== "tool") return message;
  return { role: "user", text: `<tool_response name="${message.name}">\n${message.text}\n</tool_response>` };
}

/** The system text stands before the person's first message. */
function withoutSystem(messages: readonly Message[]): Message[] {
  const [first, second, ...rest] = messages;
  if (first?.role !== "system") return [...messages];
  if (second?.role === "user") return [{ role: "user", text: `${first.text}\n\n${second.text}` }, ...rest];
  return [{ role: "user", text: first.text }, ...messages.slice(1)];
}

/** For templates that want roles in turn: neighbours become one message, and a turn that broke off gets an end. */
function joinRows(messages: readonly Message[]): Message[] {
  const joined: Message[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (message.role === "user" && last?.role === "user") {
      joined[joined.length - 1] = { role: "user", text: `${last.text}\n\n${message.text}` };
      continue;
    }
    if (message.role === "user" && last?.role === "tool")
      joined.push({ role: "assistant", text: brokenOff, calls: [] });
    joined.push(message);
  }
  return joined;
}
