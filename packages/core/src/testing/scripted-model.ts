import type { ModelPort, ModelRequest } from "../ports/model.ts";
import type { ModelEvent, ParsedEvent, Usage } from "../protocol/model-events.ts";
import { playScript, ScriptFailure, type ScriptReply } from "./script.ts";

export interface ScriptedModelOptions {
  contextSize?: number;
  /** Begin again after the last reply. Otherwise one more request is an error of the test. */
  repeat?: boolean;
}

export interface ScriptedModel extends ModelPort {
  /** Every request so far, oldest first. */
  readonly requests: readonly ModelRequest[];
}

const charactersPerToken = 4;

/** A model that gives these replies, one for each request. */
export function scriptedModel(
  replies: readonly ScriptReply[],
  { contextSize = 8192, repeat = false }: ScriptedModelOptions = {},
): ScriptedModel {
  const requests: ModelRequest[] = [];
  let calls = 0;
  const nextCallId = (): string => `call_${++calls}`;
  return {
    requests,
    describe: () => Promise.resolve({ id: "scripted", name: "scripted", contextSize, local: true }),
    countTokens: (request) => Promise.resolve(promptTokens(request)),
    stream(request, signal) {
      const index = repeat ? requests.length % replies.length : requests.length;
      const reply = replies[index];
      if (reply === undefined) throw new Error(`the script has ${replies.length} replies, and one more was asked for`);
      requests.push(request);
      return streamReply(promptTokens(request), signal, playScript(reply, nextCallId, signal));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function* streamReply(
  prompt: number,
  signal: AbortSignal,
  events: AsyncIterable<ParsedEvent>,
): AsyncGenerator<ModelEvent, void, void> {
  let written = 0;
  let calls = 0;
  const usage = (): Usage => ({ promptTokens: prompt, reusedTokens: 0, outputTokens: tokens(written) });
  try {
    for await (const event of events) {
      if (signal.aborted) break;
      if ("delta" in event) written += event.delta.length;
      if (event.type === "call-end") calls++;
      yield event;
    }
  } catch (error) {
    if (!(error instanceof ScriptFailure)) throw error;
    const body = { code: "MODEL_FAILED" as const, message: error.message };
    yield { type: "finish", reason: "error", usage: usage(), error: body };
    return;
  }
  const reason = calls > 0 ? "calls" : "stop";
  yield { type: "finish", reason: signal.aborted ? "abort" : reason, usage: usage() };
}

const tokens = (characters: number): number => Math.ceil(characters / charactersPerToken);

function promptTokens({ messages, tools }: Pick<ModelRequest, "messages" | "tools">): number {
  return tokens(JSON.stringify(messages).length + JSON.stringify(tools).length);
}
