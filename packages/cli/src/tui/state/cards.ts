import type { AgentEvent, ApprovalRequest, ToolCall, ToolStatus } from "@trust-cli/core/protocol";

import { sanitise, sanitiseDelta, sanitiseLine } from "../sanitise.ts";
import type { Block, Card, CardState } from "./blocks.ts";
import { type ChatView, commit } from "./view.ts";
import { nothingWritten, writeOn } from "./written.ts";

const shownLines = 8;
/** One line of output is kept up to this many characters. */
const longestLine = 400;

export function newCard(callId: string, name: string): Card {
  return {
    callId,
    name: sanitiseLine(name),
    subject: "",
    state: "writing",
    summary: "",
    written: nothingWritten,
    milliseconds: undefined,
    output: [],
    hidden: 0,
    partial: { line: "", pending: "" },
    preview: undefined,
  };
}

/** Changes the card of a call, which is made when no event named it before. */
export function updateCard(view: ChatView, callId: string, change: (card: Card) => Card): ChatView {
  const index = view.cards.findIndex((card) => card.callId === callId);
  if (index === -1) return { ...view, cards: [...view.cards, change(newCard(callId, "tool"))] };
  return { ...view, cards: view.cards.map((card, at) => (at === index ? change(card) : card)) };
}

/** A long call, such as one that writes a file, is shown as it comes. */
export const callGrows = (view: ChatView, callId: string, delta: string): ChatView =>
  updateCard(view, callId, (card) => ({ ...card, written: writeOn(card.written, delta) }));

/** A call is complete but was neither allowed nor started yet: its first text argument stands for its subject. */
export function callWritten(view: ChatView, call: ToolCall): ChatView {
  const argument = Object.values(call.args).find((value) => typeof value === "string");
  const subject = sanitiseLine(argument ?? "");
  return updateCard(view, call.id, (card) => ({
    ...card,
    name: sanitiseLine(call.name),
    subject,
    state: "waiting",
    written: nothingWritten,
  }));
}

export function approvalAsked(view: ChatView, request: ApprovalRequest): ChatView {
  const { call, subject, preview } = request;
  const asked = updateCard(view, call.id, (card) => ({
    ...card,
    name: sanitiseLine(call.name),
    subject: sanitiseLine(subject),
    state: "waiting",
    preview,
  }));
  return { ...asked, approvals: [...view.approvals, request], activity: { kind: "working" } };
}

export const approvalEnded = (view: ChatView, callId: string): ChatView => ({
  ...view,
  approvals: view.approvals.filter(({ call }) => call.id !== callId),
});

export function toolStarted(view: ChatView, event: Extract<AgentEvent, { type: "tool-start" }>): ChatView {
  const { call, subject, preview } = event;
  const started = updateCard(view, call.id, (card) => ({
    ...card,
    name: sanitiseLine(call.name),
    subject: sanitiseLine(subject),
    state: "running",
    preview,
  }));
  return { ...started, activity: { kind: "working" } };
}

/** Keeps the last lines of streamed output. */
export function toolPrinted(view: ChatView, callId: string, delta: string): ChatView {
  return updateCard(view, callId, (card) => {
    const { text, pending } = sanitiseDelta(card.partial.pending, delta);
    const lines = (card.partial.line + text).split("\n");
    const line = (lines.pop() ?? "").slice(0, longestLine);
    return { ...keepLast(card, [...card.output, ...lines], card.hidden), partial: { line, pending } };
  });
}

export function toolEnded(view: ChatView, event: Extract<AgentEvent, { type: "tool-end" }>): ChatView {
  const { callId, status, summary, milliseconds } = event;
  const ended = updateCard(view, callId, (card) => ({
    ...withOutput(card, status, event.text),
    state: stateOf(status),
    summary: sanitiseLine(summary),
    milliseconds: status === "refused" ? undefined : milliseconds,
  }));
  return settleCards(approvalEnded(ended, callId));
}

/** Moves finished cards above the live part, in the order of the calls. */
export function settleCards(view: ChatView, isLast = false): ChatView {
  const open = isLast ? -1 : view.cards.findIndex(({ state }) => !isFinal(state));
  const count = open === -1 ? view.cards.length : open;
  const blocks = view.cards.slice(0, count).flatMap((card) => cardBlocks(card, view.previewed));
  return commit({ ...view, cards: view.cards.slice(count) }, ...blocks);
}

/** Output is shown where a person looks for it: of commands, and of what failed. */
function withOutput(card: Card, status: ToolStatus, text: string): Card {
  const isStream = card.output.length > 0 || card.partial.line !== "" || card.preview?.kind === "command";
  const shown = sanitise(text).trimEnd();
  if (shown === "" || status === "refused" || (!isStream && status === "ok")) return card;
  const lines = shown.split("\n");
  return { ...keepLast(card, lines, 0), partial: { line: "", pending: "" } };
}

function keepLast(card: Card, lines: readonly string[], hidden: number): Card {
  const output = lines.slice(-shownLines).map((line) => line.slice(0, longestLine));
  return { ...card, output, hidden: hidden + lines.length - output.length };
}

function cardBlocks(card: Card, previewed: readonly string[]): Block[] {
  const block: Block = { kind: "tool", card };
  const { preview } = card;
  if (card.state !== "done" || preview?.kind !== "diff" || previewed.includes(card.callId)) return [block];
  return [block, { kind: "preview", preview, isRecord: true }];
}

const isFinal = (state: CardState): boolean => state === "done" || state === "failed" || state === "denied";

function stateOf(status: ToolStatus): CardState {
  switch (status) {
    case "ok":
      return "done";
    case "failed":
      return "failed";
    case "refused":
      return "denied";
  }
}
