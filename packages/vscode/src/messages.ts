/** Everything that the extension and its chat view say to each other; both check what they receive. */
import * as z from "zod/mini";

const ToolPart = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  /** The whole file before and after; `oldText` is absent for a new file. */
  z.object({ type: z.literal("diff"), path: z.string(), oldText: z.optional(z.string()), newText: z.string() }),
]);
export type ToolPart = z.infer<typeof ToolPart>;

const Location = z.object({ path: z.string(), line: z.optional(z.number()) });
export type Location = z.infer<typeof Location>;

const ToolStatus = z.enum(["pending", "in_progress", "completed", "failed"]);

const PlanStep = z.object({ text: z.string(), status: z.enum(["pending", "in_progress", "completed"]) });
export type PlanStep = z.infer<typeof PlanStep>;

const Choice = z.object({ value: z.string(), name: z.string(), description: z.optional(z.string()) });

const SessionOption = z.object({ id: z.string(), name: z.string(), value: z.string(), choices: z.array(Choice) });
export type SessionOption = z.infer<typeof SessionOption>;

/** `save`: this answer first saves the person's unsaved text. */
const Answer = z.object({
  optionId: z.string(),
  name: z.string(),
  kind: z.enum(["allow", "reject"]),
  save: z.optional(z.boolean()),
});
export type Answer = z.infer<typeof Answer>;

const AgentStateName = z.enum(["idle", "starting", "ready", "stopped", "failed", "missing", "restricted", "no-folder"]);
export type AgentStateName = z.infer<typeof AgentStateName>;

/** What happened in the conversation, in order. The view folds these, also when it is shown again later. */
const ChatEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("user"), text: z.string(), file: z.optional(z.string()) }),
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("thought"), text: z.string() }),
  /** Starts or updates a card: what is absent stays as it was. */
  z.object({
    type: z.literal("tool"),
    id: z.string(),
    title: z.optional(z.string()),
    status: z.optional(ToolStatus),
    parts: z.optional(z.array(ToolPart)),
    locations: z.optional(z.array(Location)),
  }),
  /** Asks, or asks again with other answers. */
  z.object({
    type: z.literal("permission"),
    id: z.string(),
    toolId: z.string(),
    rule: z.optional(z.string()),
    warning: z.optional(z.string()),
    answers: z.array(Answer),
  }),
  z.object({
    type: z.literal("permission-end"),
    id: z.string(),
    outcome: z.enum(["allowed", "rejected", "cancelled"]),
    reason: z.optional(z.string()),
  }),
  z.object({ type: z.literal("turn-start") }),
  z.object({ type: z.literal("turn-end"), reason: z.string(), error: z.optional(z.string()) }),
  z.object({ type: z.literal("notice"), text: z.string() }),
]);
export type ChatEvent = z.infer<typeof ChatEvent>;

/** What holds now; the last of each kind counts. */
const ViewState = z.discriminatedUnion("type", [
  z.object({ type: z.literal("status"), state: AgentStateName, detail: z.string() }),
  z.object({ type: z.literal("options"), options: z.array(SessionOption) }),
  /** Tokens of the context window. */
  z.object({ type: z.literal("usage"), used: z.number(), size: z.number() }),
  /** What the agent means to do, and how far it is. */
  z.object({ type: z.literal("plan"), steps: z.array(PlanStep) }),
  /** About the model: what it is and, when the agent says so, where it runs. */
  z.object({ type: z.literal("about"), model: z.string(), note: z.string(), isLocal: z.optional(z.boolean()) }),
  z.object({ type: z.literal("title"), title: z.string() }),
  z.object({ type: z.literal("active-file"), name: z.string() }),
]);
export type ViewState = z.infer<typeof ViewState>;

export const ToView = z.discriminatedUnion("type", [
  ChatEvent,
  ViewState,
  z.object({ type: z.literal("reset") }),
  z.object({ type: z.literal("focus") }),
]);
export type ToView = z.infer<typeof ToView>;

/** Buttons of the view that stand for commands of the extension. */
const ViewCommand = z.enum([
  "trust.setCliPath",
  "trust.showLog",
  "trust.restart",
  "workbench.trust.manage",
  "workbench.action.files.openFolder",
]);

export const FromView = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("prompt"), text: z.string(), attach: z.boolean() }),
  z.object({ type: z.literal("cancel") }),
  z.object({ type: z.literal("answer"), id: z.string(), optionId: z.string(), save: z.boolean() }),
  z.object({ type: z.literal("set-option"), id: z.string(), value: z.string() }),
  z.object({ type: z.literal("open-file"), path: z.string(), line: z.optional(z.number()) }),
  z.object({ type: z.literal("open-diff"), toolId: z.string() }),
  z.object({ type: z.literal("copy"), text: z.string() }),
  z.object({ type: z.literal("command"), command: ViewCommand }),
]);
export type FromView = z.infer<typeof FromView>;
export type ViewCommand = z.infer<typeof ViewCommand>;
