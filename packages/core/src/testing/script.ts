import { setTimeout as sleep } from "node:timers/promises";

import type { ParsedEvent } from "../protocol/model-events.ts";

/** One thing that a scripted reply does. */
export type ScriptStep =
  | { kind: "say" | "think"; text: string; pauseMilliseconds: number }
  | { kind: "call"; name: string; args: Record<string, unknown>; id: string | undefined }
  | { kind: "wait"; milliseconds: number }
  | { kind: "fail"; message: string };

/** What the model does when it is asked once. */
export type ScriptReply = ScriptStep | readonly ScriptStep[];

export const say = (text: string): ScriptStep => ({ kind: "say", text, pauseMilliseconds: 0 });
export const think = (text: string): ScriptStep => ({ kind: "think", text, pauseMilliseconds: 0 });
/** Says the text in small pieces, with a pause after each. */
export const saySlowly = (text: string, pauseMilliseconds = 5): ScriptStep => ({
  kind: "say",
  text,
  pauseMilliseconds,
});
/** `id` is chosen by the model when it is left out. */
export const callTool = (name: string, args: Record<string, unknown>, id?: string): ScriptStep => ({
  kind: "call",
  name,
  args,
  id,
});
/** Does nothing for a while; without a number, until the reply is aborted. */
export const wait = (milliseconds = 2 ** 31 - 1): ScriptStep => ({ kind: "wait", milliseconds });
/** Breaks the reply off with an error. */
export const fail = (message: string): ScriptStep => ({ kind: "fail", message });

/** Thrown by `playScript` at a `fail` step. */
export class ScriptFailure extends Error {}

const unitsPerDelta = 4;

/**
 * Plays a reply as events, in small deltas. Ends early when `signal` aborts. Throws ScriptFailure at a `fail`
 * step.
 */
export async function* playScript(
  reply: ScriptReply,
  nextCallId: () => string,
  signal: AbortSignal,
): AsyncGenerator<ParsedEvent, void, void> {
  for (const step of stepsOf(reply)) {
    if (step.kind === "fail") throw new ScriptFailure(step.message);
    if (step.kind === "wait") await pause(step.milliseconds, signal);
    else if (step.kind === "call") yield* playCall(step, step.id ?? nextCallId());
    else yield* playText(step, signal);
    if (signal.aborted) return;
  }
}

const stepsOf = (reply: ScriptReply): readonly ScriptStep[] => ("kind" in reply ? [reply] : reply);

async function* playText(
  { kind, text, pauseMilliseconds }: Extract<ScriptStep, { kind: "say" | "think" }>,
  signal: AbortSignal,
): AsyncGenerator<ParsedEvent, void, void> {
  for (const delta of pieces(text)) {
    if (signal.aborted) return;
    yield { type: kind === "say" ? "text-delta" : "thought-delta", delta };
    if (pauseMilliseconds > 0) await pause(pauseMilliseconds, signal);
  }
}

function* playCall(
  { name, args }: Extract<ScriptStep, { kind: "call" }>,
  id: string,
): Generator<ParsedEvent, void, void> {
  const raw = JSON.stringify(args);
  yield { type: "call-start", id, name };
  for (const delta of pieces(raw)) yield { type: "call-delta", id, delta };
  yield { type: "call-end", call: { id, name, args, raw, via: "native", repairs: [] } };
}

function* pieces(text: string): Generator<string, void, void> {
  const characters = Array.from(text);
  for (let start = 0; start < characters.length; start += unitsPerDelta) {
    yield characters.slice(start, start + unitsPerDelta).join("");
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
