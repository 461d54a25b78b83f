import type { ModelPort, ModelRequest } from "../../src/ports/index.ts";
import { type ModelEvent, noUsage, type ToolCall } from "../../src/protocol/index.ts";

/** What the model yields when it is asked once; without a `finish` it ends by itself. */
export type EventReply = readonly ModelEvent[];

export interface EventModel extends ModelPort {
  readonly requests: readonly ModelRequest[];
}

export interface EventModelOptions {
  /** A function says it anew each time the model is asked: another backend may have taken its place. */
  contextSize?: number | (() => number);
  downgrade?: NonNullable<ModelPort["downgrade"]>;
}

/** A model that yields these events, one list for each request: for what a whole reply cannot say. */
export function eventModel(
  replies: readonly EventReply[],
  { contextSize = 8192, downgrade }: EventModelOptions = {},
): EventModel {
  const requests: ModelRequest[] = [];
  return {
    requests,
    describe: () => {
      const size = typeof contextSize === "number" ? contextSize : contextSize();
      return Promise.resolve({ id: "events", name: "events", contextSize: size, local: true });
    },
    countTokens: ({ messages }) => Promise.resolve(Math.ceil(JSON.stringify(messages).length / 4)),
    async *stream(request, signal) {
      await Promise.resolve();
      const reply = replies[requests.length];
      if (reply === undefined) throw new Error(`the model has ${replies.length} replies, and one more was asked for`);
      requests.push(request);
      for (const event of reply) {
        if (signal.aborted) return yield { type: "finish", reason: "abort", usage: noUsage };
        yield event;
      }
      if (!reply.some(({ type }) => type === "finish")) yield { type: "finish", reason: "stop", usage: noUsage };
    },
    ...(downgrade === undefined ? {} : { downgrade }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A reply that another backend begins anew. */
export const restart: ModelEvent = { type: "model-restart", reason: "it died", again: true };

export const text = (delta: string): ModelEvent => ({ type: "text-delta", delta });

export function called(name: string, args: Record<string, unknown>, more: Partial<ToolCall> = {}): ModelEvent {
  const call = { id: "call_1", name, args, raw: JSON.stringify(args), via: "native" as const, repairs: [], ...more };
  return { type: "call-end", call };
}

/** The call as it comes from a parser that saw the reply end inside of it. */
export const cutOff = (name: string, id = "call_1"): ModelEvent[] => [
  { type: "call-start", id, name },
  { type: "call-invalid", id, raw: "", errors: ["the reply was cut off inside the call"], truncated: true },
];

export const garbled = (name: string, id = "call_1"): ModelEvent[] => [
  { type: "call-start", id, name },
  { type: "call-invalid", id, raw: "{", errors: ["not JSON"], truncated: false },
];

export const finish = (reason: Extract<ModelEvent, { type: "finish" }>["reason"]): ModelEvent => ({
  type: "finish",
  reason,
  usage: noUsage,
});
export const overflow: ModelEvent = {
  type: "finish",
  reason: "error",
  usage: noUsage,
  error: { code: "CONTEXT_FULL", message: "the prompt is too long" },
};
