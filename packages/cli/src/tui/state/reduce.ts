import { type AgentEvent, type Evidence, type StopReason, type Usage } from "@trust-cli/core/protocol";

import { readAgainText } from "../../print/prefix-break.ts";
import { sanitise, sanitiseLine } from "../sanitise.ts";
import {
  approvalAsked,
  approvalEnded,
  callGrows,
  callWritten,
  newCard,
  settleCards,
  toolEnded,
  toolPrinted,
  toolStarted,
  updateCard,
} from "./cards.ts";
import { addText, addThought, endText } from "./draft.ts";
import type { EventOf, Handlers } from "./handlers.ts";
import { endTurn, reduceUi, showError } from "./reduce-ui.ts";
import { type ChatView, commit, type UiEvent, withLoading } from "./view.ts";

export type ViewEvent = { type: "agent"; events: readonly AgentEvent[] } | { type: "ui"; event: UiEvent };

/** The screen after what happened. */
export function reduceView(view: ChatView, happened: ViewEvent): ChatView {
  return happened.type === "agent"
    ? happened.events.reduce((next, event) => reduceAgent(next, event), view)
    : reduceUi(view, happened.event);
}

function reduceAgent<Type extends AgentEvent["type"]>(view: ChatView, event: EventOf<AgentEvent, Type>): ChatView {
  return agentHandlers[event.type](view, event);
}

const agentHandlers: Handlers<ChatView, AgentEvent> = {
  "session-start": (view, { mode }) => ({ ...view, model: { ...view.model, mode } }),
  "turn-start": (view) => view,
  "step-start": (view, { contextTokens, contextSize }) => ({
    ...settleCards(view, true),
    model: { ...view.model, contextTokens, contextSize, loading: undefined },
  }),
  "model-load": (view, { fraction }) => withLoading(view, fraction),
  "model-restart": (view, { reason }) => ({
    ...notice(view, `model restarted: ${sanitiseLine(reason)}`),
    activity: { kind: "starting" },
  }),
  prefill: promptRead,
  "text-delta": (view, { delta }) => addText(withLoading(view, undefined), delta),
  "thought-delta": (view, { delta }) => addThought(withLoading(view, undefined), delta),
  "call-start": (view, { id, name }) => {
    const before = endText(view);
    return { ...before, cards: [...before.cards, newCard(id, name)], activity: { kind: "working" } };
  },
  "call-delta": (view, { id, delta }) => callGrows(view, id, delta),
  "call-end": (view, { call }) => callWritten(endText(view), call),
  "call-invalid": (view, { id, errors, truncated }) => {
    const summary = sanitiseLine(truncated ? "cut off by the token limit" : (errors[0] ?? "cannot be read"));
    return updateCard(endText(view), id, (card) => ({ ...card, state: "failed", summary }));
  },
  "step-end": stepEnded,
  "approval-start": (view, { request }) => approvalAsked(view, request),
  "approval-end": (view, { callId }) => approvalEnded(view, callId),
  "tool-start": toolStarted,
  "tool-delta": (view, { callId, delta }) => toolPrinted(view, callId, delta),
  "tool-end": toolEnded,
  plan: (view, { items }) => ({
    ...view,
    plan: items.map(({ text, status }) => ({ text: sanitiseLine(text), status })),
  }),
  evidence: (view, event) => commit(endText(view), { kind: "evidence", evidence: cleanEvidence(event.evidence) }),
  compaction: (view, { tokensBefore, tokensAfter }) =>
    notice(view, `context compacted: ${count(tokensBefore)} to ${count(tokensAfter)} tokens`),
  notice: (view, { text }) => notice(view, sanitise(text)),
  message: (view) => view,
  "turn-end": turnEnded,
};

const notice = (view: ChatView, text: string): ChatView => commit(endText(view), { kind: "notice", text });

function promptRead(view: ChatView, { done, total, reused, source, broke }: EventOf<AgentEvent, "prefill">): ChatView {
  const known = view.activity.kind === "prefill" ? view.activity.source : undefined;
  const next: ChatView = {
    ...withLoading(view, undefined),
    activity: { kind: "prefill", done, total, reused, source: source ?? known },
  };
  const why = broke === undefined ? undefined : readAgainText(broke);
  return why === undefined ? next : notice(next, sanitiseLine(why));
}

function stepEnded(view: ChatView, { usage, tokensPerSecond }: Extract<AgentEvent, { type: "step-end" }>): ChatView {
  const contextTokens = usage.promptTokens + usage.outputTokens;
  const speed = tokensPerSecond === undefined ? view.model.tokensPerSecond : believable(tokensPerSecond, usage);
  const model = { ...view.model, contextTokens, tokensPerSecond: speed };
  return { ...endText(view), model };
}

/** A speed measured over less than this says nothing. */
const shortestMeasurementSeconds = 0.02;
/** In tokens per second; what claims more counted wrongly. */
const fastestModel = 20_000;

function believable(tokensPerSecond: number, { outputTokens }: Usage): number | undefined {
  const isMeasured = outputTokens / tokensPerSecond >= shortestMeasurementSeconds;
  return isMeasured && tokensPerSecond > 0 && tokensPerSecond <= fastestModel ? tokensPerSecond : undefined;
}

function turnEnded(view: ChatView, { reason, error }: Extract<AgentEvent, { type: "turn-end" }>): ChatView {
  const ended = endTurn(view);
  if (error !== undefined) return showError(ended, error);
  const text = reason === "done" && view.model.mode === "plan" ? planned : endings[reason];
  return text === undefined ? ended : commit(ended, { kind: "notice", text });
}

const planned = "plan mode: nothing was changed. /approve lets the plan be carried out; or say what to change in it";

/** What is said when a turn ends otherwise than with an answer. */
const endings: Record<StopReason, string | undefined> = {
  done: undefined,
  "step-limit": "stopped: the limit of steps for one turn is reached. Say “go on” to continue",
  "token-budget": "stopped: the token budget of this turn is used up",
  "time-limit": "stopped: the time limit of this turn is reached",
  repetition: "stopped: the model repeats itself",
  length: "cut off: the reply reached its token limit. Say “go on” to continue",
  abort: "stopped",
  error: "the turn failed",
};

function cleanEvidence({ callId, source, lines }: Evidence): Evidence {
  return {
    callId,
    source: sanitiseLine(source),
    lines: lines.map(({ number, text }) => ({ number, text: sanitise(text) })),
  };
}

const count = (tokens: number): string => tokens.toLocaleString("en-US");
