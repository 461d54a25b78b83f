import { assertNever } from "@trust-cli/core/protocol";

import type { ChatView, ModelState } from "../state/view.ts";
import { dim, type Line, span } from "../text/span.ts";
import { justify } from "../text/width.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export interface StatusInput {
  view: Pick<ChatView, "activity" | "model" | "approvals">;
  /** Counts up four times a second while something runs. */
  tick: number;
  /** What to say instead, for a moment. */
  hint: string | undefined;
}

export function statusLine({ view, tick, hint }: StatusInput, width: number): Line {
  if (hint !== undefined) return justify([dim(` ${hint}`)], [], width);
  const work = activityText(view);
  if (work === undefined) return justify([dim(` ${modelText(view.model)}`)], [dim("/help ")], width);
  if (view.approvals.length > 0) return justify([dim(` ${work}`)], [dim("esc stops ")], width);
  const spinner = span(frames[tick % frames.length] ?? "", { colour: "accent" });
  return justify([spinner, dim(` ${work}`)], [dim("esc stops ")], width);
}

function activityText({ activity, model, approvals }: StatusInput["view"]): string | undefined {
  if (approvals.length > 0) return "waiting for your answer";
  switch (activity.kind) {
    case "idle":
      return undefined;
    case "starting":
      return model.loading === undefined ? "starting" : loadingText(model.loading);
    case "prefill":
      return prefillText(activity);
    case "thinking":
      return "thinking";
    case "answering":
      return "answering";
    case "working":
      return model.loading === undefined ? "working" : loadingText(model.loading);
    case "stopping":
      return "stopping";
    default:
      return assertNever(activity);
  }
}

const loadingText = (fraction: number): string => `loading model ${Math.round(fraction * 100)}%`;

type Reading = Extract<StatusInput["view"]["activity"], { kind: "prefill" }>;

function prefillText({ done, total, reused, source }: Reading): string {
  const from = source === "disk" ? " from disk" : "";
  const share = total === 0 || reused === 0 ? "" : ` · ${Math.round((reused / total) * 100)}% reused${from}`;
  return `reading prompt  ${number(done)} of ${number(total)} tokens${share}`;
}

function modelText({ name, mode, loading, contextTokens, contextSize, tokensPerSecond }: ModelState): string {
  const used = contextSize === 0 ? [] : [`${percentUsed(contextTokens, contextSize)}% of ${size(contextSize)}`];
  const state = loading === undefined ? used : [loadingText(loading)];
  const speed =
    tokensPerSecond === undefined ? [] : [`${tokensPerSecond.toFixed(tokensPerSecond < 10 ? 1 : 0)} tokens/s`];
  return [name, ...state, `${mode} mode`, ...speed].join(" · ");
}

/** A conversation longer than the window fills it: what does not fit is left out. */
const percentUsed = (tokens: number, contextSize: number): number =>
  Math.round(Math.min(1, tokens / contextSize) * 100);

const number = (value: number): string => value.toLocaleString("en-US");
const size = (tokens: number): string => (tokens < 1024 ? `${tokens}` : `${Math.round(tokens / 1024)}k`);
