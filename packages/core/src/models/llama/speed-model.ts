import { TrustError } from "../../protocol/errors.ts";
import type { HostModel } from "../../protocol/host.ts";
import { abortable } from "./abort.ts";
import type { HostEntry, RequestReply } from "./host-connection.ts";
import { HostSupervisor, type ModelSpec, type ReadyHost } from "./supervisor.ts";

interface TimedRequest {
  /** Goes on from this text, without a chat template. */
  text: string;
  /** So many are written, whether the model would end before or not. */
  maxTokens: number;
  /** Writes without guessing ahead. */
  plain: boolean;
}

/** Counts in tokens. */
export interface TimedReply {
  /** From the request to the first text, or to the end when there is none. */
  firstMilliseconds: number;
  read: number;
  reused: number;
  written: number;
  /** While writing; 0 when it was too short to tell. */
  tokensPerSecond: number;
  drafted: number;
  accepted: number;
}

/** Measures how fast the model host is with a model. A crash is an error: nothing is measured over one. */
export interface SpeedModel extends AsyncDisposable {
  load(signal: AbortSignal, onLoad?: (fraction: number) => void): Promise<HostModel>;
  count(text: string, signal: AbortSignal): Promise<number>;
  time(request: TimedRequest, signal: AbortSignal): Promise<TimedReply>;
}

const personWaits = 5;

export function createSpeedModel({ entry, spec }: { entry: HostEntry; spec: ModelSpec }): SpeedModel {
  const supervisor = new HostSupervisor(entry, spec);
  const ready = (signal: AbortSignal): Promise<ReadyHost> => abortable(() => supervisor.ready(), signal);
  return {
    async load(signal, onLoad) {
      return (await abortable(() => supervisor.ready(onLoad), signal)).model;
    },
    async count(text, signal) {
      const { connection, model } = await ready(signal);
      const prompt = [{ kind: "text" as const, text }];
      for await (const reply of connection.request({ type: "count", model: model.id, prompt }, signal)) {
        if (reply.type === "counted") return reply.tokens;
      }
      throw noAnswer();
    },
    time: async (request, signal) => timeReply(await ready(signal), request, signal),
    [Symbol.asyncDispose]: () => supervisor[Symbol.asyncDispose](),
  };
}

async function timeReply(
  { connection, model }: ReadyHost,
  { text, maxTokens, plain }: TimedRequest,
  signal: AbortSignal,
): Promise<TimedReply> {
  const began = performance.now();
  let first: number | undefined;
  const replies = connection.request(
    {
      type: "generate",
      model: model.id,
      priority: personWaits,
      prompt: [{ kind: "text", text }],
      plain,
      endless: true,
      forced: "",
      sampler: { temperature: 0 },
      stops: [],
      maxTokens,
    },
    signal,
  );
  for await (const reply of replies) {
    if (reply.type === "text" || reply.type === "end") first ??= performance.now() - began;
    if (reply.type !== "end") continue;
    signal.throwIfAborted();
    return timed(reply, first ?? 0);
  }
  throw noAnswer();
}

function timed(reply: Extract<RequestReply, { type: "end" }>, firstMilliseconds: number): TimedReply {
  const { promptTokens, reusedTokens: reused, outputTokens: written, tokensPerSecond, drafted, accepted } = reply;
  return { firstMilliseconds, read: promptTokens - reused, reused, written, tokensPerSecond, drafted, accepted };
}

const noAnswer = (): TrustError =>
  new TrustError("HOST_CRASHED", "The model host ended without an answer", { hint: "trust doctor" });
