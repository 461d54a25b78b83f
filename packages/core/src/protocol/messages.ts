import * as z from "zod";

import { ToolCall } from "./tool-call.ts";

/** How a tool call ended. `refused`: policy or the person said no. `superseded`: text dropped by compaction. */
export const ToolStatus = z.enum(["ok", "failed", "refused"]);
export type ToolStatus = z.infer<typeof ToolStatus>;

/** Text that goes along with what was said: a file that the person named, a card of ours. `source` says what it is. */
export const Attachment = z.strictObject({ source: z.string(), text: z.string() });
export type Attachment = z.infer<typeof Attachment>;

/**
 * `origin` is there when the text is not the person's own: Trust tells what the checks found, or has another model take
 * over.
 */
export const UserMessage = z.strictObject({
  role: z.literal("user"),
  text: z.string(),
  attached: z.array(Attachment).optional(),
  origin: z.enum(["checks", "escalation"]).optional(),
});

export const AssistantMessage = z.strictObject({
  role: z.literal("assistant"),
  text: z.string(),
  thought: z.string().optional(),
  calls: z.array(ToolCall),
});

/** The result of one call, as text for the model. `summary` is a few words for people ("12 matches"). */
export const ToolMessage = z.strictObject({
  role: z.literal("tool"),
  callId: z.string(),
  name: z.string(),
  status: ToolStatus,
  text: z.string(),
  summary: z.string(),
});

export const SystemMessage = z.strictObject({
  role: z.literal("system"),
  text: z.string(),
});

export const Message = z.discriminatedUnion("role", [SystemMessage, UserMessage, AssistantMessage, ToolMessage]);
export type SystemMessage = z.infer<typeof SystemMessage>;
export type UserMessage = z.infer<typeof UserMessage>;
export type AssistantMessage = z.infer<typeof AssistantMessage>;
export type ToolMessage = z.infer<typeof ToolMessage>;
export type Message = z.infer<typeof Message>;

/** The person's own words, and not what Trust adds in between. */
export const isSaidByPerson = (message: Message): message is UserMessage =>
  message.role === "user" && message.origin === undefined;

/** A message as a model reads it: what is attached stands before the text that is about it. */
export function asSent(message: Message): Message {
  if (message.role !== "user" || message.attached === undefined) return message;
  const { attached, ...said } = message;
  const texts = attached.map(({ source, text }) => `[${source}]\n${text.trimEnd()}`);
  return { ...said, text: [...texts, message.text].join("\n\n") };
}
