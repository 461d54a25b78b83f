import type { ApprovalRequest, ErrorBody, PlanItem } from "@trust-cli/core/protocol";

import type { ChatStart } from "../controller.ts";
import { sanitiseLine } from "../sanitise.ts";
import type { Block, Card } from "./blocks.ts";

/** What the program is doing now, for the status line. */
type Activity =
  | { kind: "idle" }
  | { kind: "starting" }
  | { kind: "prefill"; done: number; total: number; reused: number; source?: "memory" | "disk" | undefined }
  | { kind: "thinking" }
  | { kind: "answering" }
  | { kind: "working" }
  | { kind: "stopping" };

export interface ModelState {
  name: string;
  mode: string;
  /** 0..1 while the model is being loaded. */
  loading: number | undefined;
  contextTokens: number;
  contextSize: number;
  tokensPerSecond: number | undefined;
}

/** The reply as far as it is not finished. */
export interface Draft {
  text: string;
  continued: boolean;
  /** The start of an escape sequence that the next delta may end. */
  pending: string;
}

/** Everything the screen shows: a fold over events. `committed` only grows. */
export interface ChatView {
  committed: readonly Block[];
  draft: Draft;
  thought: { words: number; isInWord: boolean };
  cards: readonly Card[];
  /** Of this turn, as it is now; empty when there is none. */
  plan: readonly PlanItem[];
  approvals: readonly ApprovalRequest[];
  /** Calls whose preview is already above the live part. */
  previewed: readonly string[];
  activity: Activity;
  model: ModelState;
  queued: string | undefined;
  isLeaving: boolean;
}

/** What happens on the screen itself, beside the events of a turn. */
export type UiEvent =
  | { type: "submit"; text: string }
  | { type: "queue"; text: string | undefined }
  | { type: "load"; fraction: number }
  | { type: "ready"; name: string; contextSize: number }
  | { type: "mode"; mode: string }
  /** `isOfTurn`: the turn threw instead of ending with an event. */
  | { type: "failure"; error: ErrorBody; isOfTurn: boolean }
  | { type: "command"; text: string }
  | { type: "command-end" }
  | { type: "leave" }
  | { type: "output"; text: string }
  | { type: "notice"; text: string }
  | { type: "context-cleared" }
  | { type: "decided"; callId: string }
  | { type: "preview-shown"; callId: string }
  | { type: "stopping" };

export const emptyDraft: Draft = { text: "", continued: false, pending: "" };

export function createView(start: ChatStart, history: readonly Block[]): ChatView {
  return {
    committed: [{ kind: "start", start }, ...history],
    draft: emptyDraft,
    thought: { words: 0, isInWord: false },
    cards: [],
    plan: [],
    approvals: [],
    previewed: [],
    activity: { kind: "idle" },
    model: {
      name: sanitiseLine(start.modelName),
      mode: start.mode,
      loading: undefined,
      contextTokens: 0,
      contextSize: 0,
      tokensPerSecond: undefined,
    },
    queued: undefined,
    isLeaving: false,
  };
}

/** `fraction` is 0..1; a model that is loaded is no longer being loaded. */
export function withLoading(view: ChatView, fraction: number | undefined): ChatView {
  const loading = fraction === undefined || fraction >= 1 ? undefined : fraction;
  return loading === view.model.loading ? view : { ...view, model: { ...view.model, loading } };
}

export const isRunning = ({ activity }: ChatView): boolean => activity.kind !== "idle";

export const commit = (view: ChatView, ...blocks: readonly Block[]): ChatView =>
  blocks.length === 0 ? view : { ...view, committed: [...view.committed, ...blocks] };
