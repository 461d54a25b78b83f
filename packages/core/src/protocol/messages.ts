import * as z from "zod";

import { ToolCall } from "./tool-call.ts";

/** How a tool call ended. `refused`: policy or the person said no. `superseded`: text dropped by compaction. */
export const ToolStatus = z.enum(["ok", "failed", "refused"]);
export type ToolStatus = z.infer<typeof ToolStatus>;

export const UserMessage = z.strictObject({
  role: z.literal("user"),
  text: z.string(),
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
