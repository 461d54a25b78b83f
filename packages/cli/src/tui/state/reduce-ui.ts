import type { ErrorBody } from "@trust-cli/core/protocol";

import { sanitise, sanitiseLine } from "../sanitise.ts";
import { approvalEnded, settleCards } from "./cards.ts";
import { endText } from "./draft.ts";
import type { EventOf, Handlers } from "./handlers.ts";
import { type ChatView, commit, type ModelState, type UiEvent, withLoading } from "./view.ts";

export function reduceUi<Type extends UiEvent["type"]>(view: ChatView, event: EventOf<UiEvent, Type>): ChatView {
  return uiHandlers[event.type](view, event);
}

const uiHandlers: Handlers<ChatView, UiEvent> = {
  submit: started,
  command: started,
  "command-end": (view) => ({ ...withLoading(view, undefined), activity: { kind: "idle" } }),
  queue: (view, { text }) => ({ ...view, queued: text }),
  load: (view, { fraction }) => withLoading(view, fraction),
  ready: (view, { name, contextSize }) => ({ ...view, model: readyModel(view.model, sanitiseLine(name), contextSize) }),
  mode: (view, { mode }) => ({ ...view, model: { ...view.model, mode } }),
  failure: (view, { error, isOfTurn }) => showError(isOfTurn ? endTurn(view) : view, error),
  output: (view, { text }) => commit(view, { kind: "output", text: sanitise(text) }),
  notice: (view, { text }) => commit(view, { kind: "notice", text: sanitise(text) }),
  "context-cleared": (view) => ({ ...view, model: { ...view.model, contextTokens: 0 } }),
  decided: (view, { callId }) => approvalEnded(view, callId),
  "preview-shown": (view, { callId }) => previewShown(view, callId),
  stopping: (view) => ({ ...view, approvals: [], queued: undefined, activity: { kind: "stopping" } }),
  leave: (view) => ({ ...view, isLeaving: true }),
};

/** A first answer may be there before the model is known to be ready; its speed counts as long as the model is the same. */
function readyModel(before: ModelState, name: string, contextSize: number): ModelState {
  const tokensPerSecond = before.name === name ? before.tokensPerSecond : undefined;
  return { ...before, name, contextSize, loading: undefined, tokensPerSecond };
}

function started(view: ChatView, { type, text }: Extract<UiEvent, { type: "submit" | "command" }>): ChatView {
  const activity = { kind: type === "submit" ? "starting" : "working" } as const;
  return { ...commit(view, { kind: "user", text: sanitise(text) }), activity };
}

/** Nothing of the turn stays live. */
export function endTurn(view: ChatView): ChatView {
  const settled = withLoading(settleCards(endText(view), true), undefined);
  const planned = view.plan.length === 0 ? settled : commit(settled, { kind: "plan", items: view.plan });
  return { ...planned, plan: [], approvals: [], previewed: [], activity: { kind: "idle" } };
}

/** Also ends the display of a model that was being loaded. */
export function showError(view: ChatView, { code, message, hint }: ErrorBody): ChatView {
  const error = { code, message: sanitise(message), ...(hint === undefined ? {} : { hint: sanitise(hint) }) };
  return commit(withLoading(view, undefined), { kind: "error", error });
}

/** A preview taller than the screen goes above the live part whole, before the person decides. */
function previewShown(view: ChatView, callId: string): ChatView {
  const preview = view.approvals.find(({ call }) => call.id === callId)?.preview;
  if (preview === undefined || view.previewed.includes(callId)) return view;
  const next = { ...view, previewed: [...view.previewed, callId] };
  return commit(next, { kind: "preview", preview, isRecord: false });
}
