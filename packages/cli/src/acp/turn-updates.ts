import type { SessionUpdate, ToolCallUpdate } from "@agentclientprotocol/sdk";
import type { AgentEvent, Evidence, ToolCall } from "@trust-cli/core/protocol";

import { readAgainText } from "../print/prefix-break.ts";
import { callLocations, fenced, previewContent, textContent, toolKind, toolTitle } from "./tool-calls.ts";

/** What a fold over one turn must remember. `prefix` makes call ids, which repeat from turn to turn, unique. */
export interface TurnView {
  readonly root: string;
  readonly prefix: string;
  /** The client can show notices; others are not sent any. */
  readonly notices: boolean;
  readonly calls: Map<string, { announced: boolean; call?: ToolCall; output: string }>;
}

export const newTurnView = (options: Pick<TurnView, "root" | "prefix" | "notices">): TurnView => ({
  ...options,
  calls: new Map(),
});

export const publicCallId = ({ prefix }: Pick<TurnView, "prefix">, callId: string): string => `${prefix}.${callId}`;

/** Live output of a command that is sent along; the result has all that counts. */
const shownOutput = 16_000;

/** The updates that one event becomes. */
export function turnUpdates(event: AgentEvent, view: TurnView): SessionUpdate[] {
  // The table has an entry of the right type for every event: the compiler checks it.
  const translate = translations[event.type] as (event: AgentEvent, view: TurnView) => SessionUpdate[];
  return translate(event, view);
}

type EventOf<Type extends AgentEvent["type"]> = Extract<AgentEvent, { type: Type }>;
type Translations = { [Type in AgentEvent["type"]]: (event: EventOf<Type>, view: TurnView) => SessionUpdate[] };

/** The client needs no word of it, or learns it otherwise. */
const nothing = (): SessionUpdate[] => [];

const translations: Translations = {
  "text-delta": ({ delta }) => [messageChunk(delta)],
  "thought-delta": ({ delta }) => [thoughtChunk(delta)],
  "call-start": ({ id, name }, view) => announce(id, name, view),
  "call-delta": nothing,
  "call-end": ({ call }, view) => {
    view.calls.set(call.id, { announced: view.calls.has(call.id), call, output: "" });
    return [];
  },
  "call-invalid": finishInvalid,
  "approval-start": ({ request: { call, subject, preview } }, view) =>
    describeCall(call, { subject, content: previewContent(preview, view.root) }, view),
  "approval-end": nothing,
  "tool-start": ({ call, subject, preview }, view) =>
    describeCall(call, { subject, content: previewContent(preview, view.root), status: "in_progress" }, view),
  "tool-delta": growOutput,
  "tool-end": (event, view) => [endCall(event, view)],
  plan: ({ items }) => [
    {
      sessionUpdate: "plan",
      entries: items.map(({ text, status }) => ({ content: text, status, priority: "medium" })),
    },
  ],
  evidence: ({ evidence }) => [messageChunk(evidenceText(evidence))],
  "step-start": ({ contextTokens, contextSize }) => [
    { sessionUpdate: "usage_update", used: contextTokens, size: contextSize },
  ],
  "step-end": nothing,
  notice: ({ text }, view) => notice("info", text, view),
  "model-restart": ({ reason }, view) => notice("warning", `The model was restarted: ${reason}`, view),
  compaction: ({ tokensAfter }, view) =>
    notice("info", `Older parts of the conversation were shortened: ${tokensAfter} tokens`, view),
  "model-load": nothing,
  prefill: ({ broke }, view) => {
    const why = broke === undefined ? undefined : readAgainText(broke);
    return why === undefined ? [] : notice("info", why, view);
  },
  "session-start": nothing,
  "turn-start": nothing,
  message: nothing,
  "turn-end": nothing,
};

const thoughtChunk = (text: string): SessionUpdate => ({
  sessionUpdate: "agent_thought_chunk",
  content: { type: "text", text },
});

const messageChunk = (text: string): SessionUpdate => ({
  sessionUpdate: "agent_message_chunk",
  content: { type: "text", text },
});

function announce(id: string, name: string, view: TurnView): SessionUpdate[] {
  view.calls.set(id, { announced: true, output: "" });
  return [
    {
      sessionUpdate: "tool_call",
      toolCallId: publicCallId(view, id),
      title: name,
      kind: toolKind(name),
      status: "pending",
    },
  ];
}

interface CallFacts {
  subject: string;
  content: NonNullable<ToolCallUpdate["content"]>;
  status?: "in_progress";
}

function describeCall(call: ToolCall, { subject, content, status }: CallFacts, view: TurnView): SessionUpdate[] {
  const facts = {
    toolCallId: publicCallId(view, call.id),
    title: toolTitle(call.name, subject),
    kind: toolKind(call.name),
    content,
    locations: callLocations(call, view.root),
    rawInput: call.args,
    ...(status === undefined ? {} : { status }),
  };
  const known = view.calls.get(call.id);
  view.calls.set(call.id, { announced: true, call, output: known?.output ?? "" });
  if (known?.announced === true) return [{ sessionUpdate: "tool_call_update", ...facts }];
  return [{ sessionUpdate: "tool_call", ...facts, status: status ?? "pending" }];
}

function finishInvalid({ id, errors }: { id: string; errors: readonly string[] }, view: TurnView): SessionUpdate[] {
  if (!view.calls.has(id)) return [];
  const content = [textContent(errors.join("\n"))];
  return [{ sessionUpdate: "tool_call_update", toolCallId: publicCallId(view, id), status: "failed", content }];
}

function growOutput({ callId, delta }: { callId: string; delta: string }, view: TurnView): SessionUpdate[] {
  const known = view.calls.get(callId);
  if (known === undefined || known.output.length >= shownOutput) return [];
  known.output = (known.output + delta).slice(0, shownOutput);
  const content = [textContent(fenced(known.output))];
  return [{ sessionUpdate: "tool_call_update", toolCallId: publicCallId(view, callId), content }];
}

type ToolEnd = Extract<AgentEvent, { type: "tool-end" }>;

/** The diff stays on the card of an edit; other cards show the result. */
function endCall({ callId, status, text, summary }: ToolEnd, view: TurnView): SessionUpdate {
  const known = view.calls.get(callId);
  const name = known?.call?.name ?? "tool";
  const isEdit = toolKind(name) === "edit" && status === "ok";
  const facts = {
    toolCallId: publicCallId(view, callId),
    status: status === "ok" ? ("completed" as const) : ("failed" as const),
    rawOutput: { status, summary, text },
    ...(isEdit ? {} : { content: [textContent(fenced(text))] }),
  };
  if (known?.announced === true) return { sessionUpdate: "tool_call_update", ...facts };
  return { sessionUpdate: "tool_call", title: name, kind: toolKind(name), ...facts };
}

function notice(severity: "info" | "warning", title: string, { notices }: TurnView): SessionUpdate[] {
  return notices ? [{ sessionUpdate: "notice", severity, title }] : [];
}

/** Small models misread: the lines themselves stand beside the sentence. */
function evidenceText({ source, lines }: Evidence): string {
  const rows = lines.map(({ number, text }) => (number === undefined ? text : `${number}: ${text}`));
  return `\n\n${source}\n\n${fenced(rows.join("\n"))}\n`;
}
