import { type Dialect, type DialectParser, type PromptSegment, renderPrompt } from "../../dialects/index.ts";
import type { ModelInfo, ModelPort, ModelRequest } from "../../ports/model.ts";
import { AsyncQueue } from "../../protocol/async-queue.ts";
import { errorBody, TrustError } from "../../protocol/errors.ts";
import type { HostGenerate, HostModel } from "../../protocol/host.ts";
import { type FinishReason, type ModelEvent, noUsage, type ParsedEvent } from "../../protocol/model-events.ts";
import type { HostEntry, RequestReply } from "./host-connection.ts";
import { HostSupervisor, type ModelSpec, type ReadyHost } from "./supervisor.ts";

export interface LlamaModelOptions {
  entry: HostEntry;
  spec: ModelSpec;
  id: string;
  dialect: Dialect;
  /** Decode calls under the grammar of the offered signatures. */
  constrainedCalls: boolean;
  parallelCalls: boolean;
  /** Seconds without a sign of life after which the host counts as hung. Default: 15. */
  missedBeats?: number;
}

/** A ModelPort that also lets a caller see which process does the work, for `doctor` and tests. */
export interface LlamaModel extends ModelPort {
  readonly hostPid: number | undefined;
}

const restartsPerReply = 2;
const restartsPerCount = 1;
const abortGraceMilliseconds = 120;
const personWaits = 5;

/** A local GGUF model, run by the model host. Survives crashes of the host in mid-reply. */
export function createLlamaModel(options: LlamaModelOptions): LlamaModel {
  const supervisor = new HostSupervisor(options.entry, options.spec, options.missedBeats);
  return {
    get hostPid() {
      return supervisor.pid;
    },
    async describe(signal, onLoad) {
      const { model } = await abortable(() => supervisor.ready(onLoad), signal);
      return describe(options, model);
    },
    countTokens: (request, signal) => countTokens(supervisor, request, signal),
    stream: (request, signal) => streamReply(supervisor, options, request, signal),
    [Symbol.asyncDispose]: () => supervisor[Symbol.asyncDispose](),
  };
}

function describe(options: LlamaModelOptions, model: HostModel): ModelInfo {
  const { contextSize, sizeBytes } = model;
  return { id: options.id, name: options.id, contextSize, sizeBytes, local: true };
}

function renderFor(model: HostModel, request: Prompt): PromptSegment[] {
  const { chatTemplate, specialTokens, bosToken, eosToken } = model;
  if (chatTemplate === undefined) {
    throw new TrustError("MODEL_INVALID", `${model.name} has no chat template, so it cannot hold a conversation`, {
      hint: "choose an instruct or chat version of this model",
    });
  }
  const { messages, tools } = request;
  const context = { template: chatTemplate, specialTokens, bosToken, eosToken };
  return renderPrompt(context, { messages, tools, addGenerationPrompt: true });
}

type Prompt = Pick<ModelRequest, "messages" | "tools">;

async function countTokens(supervisor: HostSupervisor, request: Prompt, signal: AbortSignal): Promise<number> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await countOnce(supervisor, request, signal);
    } catch (error) {
      const another = restarts < restartsPerCount && !signal.aborted && supervisor.wasReady;
      if (!another || !isCrash(error)) throw error;
    }
  }
}

async function countOnce(supervisor: HostSupervisor, request: Prompt, signal: AbortSignal): Promise<number> {
  const { connection, model } = await abortable(() => supervisor.ready(), signal);
  const prompt = renderFor(model, request);
  for await (const reply of connection.request({ type: "count", prompt }, signal)) {
    if (reply.type === "counted") return reply.tokens;
  }
  throw new TrustError("HOST_CRASHED", "The model host did not count", { hint: "trust doctor" });
}

const isCrash = (error: unknown): boolean => error instanceof TrustError && error.code === "HOST_CRASHED";

/** What a reply has produced so far; after a crash the host goes on from `raw`. */
interface Progress {
  /** Made when the prompt is known, and kept through restarts. */
  parser: DialectParser | undefined;
  raw: string;
  calls: number;
}

type Finish = Extract<ModelEvent, { type: "finish" }>;

async function* streamReply(
  supervisor: HostSupervisor,
  options: LlamaModelOptions,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, void, void> {
  const progress: Progress = { parser: undefined, raw: "", calls: 0 };
  for (let restarts = 0; ; restarts++) {
    try {
      const host = yield* waitForHost(supervisor, signal);
      const replies = host === undefined ? undefined : generate(host, options, request, progress, signal);
      const finish = replies === undefined ? aborted : yield* relay(boundedByAbort(replies, signal), progress);
      yield finish;
      return;
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      const another = restarts < restartsPerReply && !signal.aborted && supervisor.wasReady;
      if (!another || !isCrash(error)) {
        yield* parsed(progress.parser?.end(true), progress);
        yield { type: "finish", reason: "error", usage: noUsage, error: errorBody(error) };
        return;
      }
      yield { type: "model-restart", reason: error.message };
    }
  }
}

const aborted: Finish = { type: "finish", reason: "abort", usage: noUsage };

/** Turns the host's replies into events, up to the end of the reply. */
async function* relay(
  replies: AsyncIterable<RequestReply>,
  progress: Progress,
): AsyncGenerator<ModelEvent, Finish, void> {
  for await (const reply of replies) {
    if (reply.type === "prefill") {
      yield { type: "prefill", done: reply.done, total: reply.total, reused: reply.reused };
    } else if (reply.type === "text") {
      progress.raw += reply.text;
      yield* parsed(progress.parser?.push(reply.text), progress);
    } else if (reply.type === "end") {
      yield* parsed(progress.parser?.end(reply.reason !== "stop"), progress);
      return finishOf(reply, progress);
    }
  }
  yield* parsed(progress.parser?.end(true), progress);
  return aborted;
}

function* parsed(events: readonly ParsedEvent[] = [], progress: Progress): Generator<ParsedEvent, void, void> {
  for (const event of events) {
    if (event.type === "call-end") progress.calls++;
    yield event;
  }
}

/** Yields load progress while the host starts; undefined when the person aborted meanwhile. */
async function* waitForHost(
  supervisor: HostSupervisor,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, ReadyHost | undefined, void> {
  const progress = new AsyncQueue<number>();
  const ready = abortable(() => supervisor.ready((fraction) => progress.push(fraction)), signal).finally(() =>
    progress.end(),
  );
  ready.catch(() => undefined);
  for await (const fraction of progress) yield { type: "model-load", fraction };
  try {
    return await ready;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

// oxlint-disable-next-line max-params -- the request and everything that shapes it
function generate(
  { connection, model }: ReadyHost,
  options: LlamaModelOptions,
  request: ModelRequest,
  progress: Progress,
  signal: AbortSignal,
): AsyncIterable<RequestReply> {
  const { dialect } = options;
  const prompt = renderFor(model, request);
  progress.parser ??= dialect.parser({ startsInThought: endsWithMarker(prompt, dialect.thinkOpen) });
  const grammar =
    options.constrainedCalls || request.toolChoice !== "auto"
      ? dialect.grammar(request.tools, request.toolChoice, options.parallelCalls)
      : undefined;
  const body: Omit<HostGenerate, "request"> = {
    type: "generate",
    sequence: 0,
    priority: personWaits,
    prompt,
    forced: progress.raw,
    sampler: request.sampling,
    stops: [...dialect.stops],
    maxTokens: request.maxTokens,
    ...(grammar === undefined ? {} : { grammar: { ...grammar, triggers: [...grammar.triggers] } }),
  };
  return connection.request(body, signal);
}

/** Some templates write the marker themselves, so that the model's reply has only the closing one. */
function endsWithMarker(prompt: readonly PromptSegment[], marker: string): boolean {
  const last = prompt.at(-1);
  return last?.kind === "control" && last.text.trimEnd().endsWith(marker);
}

function finishOf(reply: Extract<RequestReply, { type: "end" }>, progress: Progress): Finish {
  const { promptTokens, reusedTokens, outputTokens, tokensPerSecond } = reply;
  const usage = { promptTokens, reusedTokens, outputTokens };
  return { type: "finish", reason: finishReason(reply.reason, progress.calls), usage, tokensPerSecond };
}

function finishReason(reason: "stop" | "length" | "abort", calls: number): FinishReason {
  return reason === "stop" && calls > 0 ? "calls" : reason;
}

/** Passes replies on, and stops waiting for a host that is slow to notice an abort. */
async function* boundedByAbort(
  replies: AsyncIterable<RequestReply>,
  signal: AbortSignal,
): AsyncGenerator<RequestReply, void, void> {
  const iterator = replies[Symbol.asyncIterator]();
  const late = abortDeadline(signal);
  try {
    while (true) {
      const next = await Promise.race([iterator.next(), late.passed]);
      if (next === "late" || next.done === true) return;
      yield next.value;
    }
  } finally {
    late.clear();
    void iterator.return?.();
  }
}

function abortDeadline(signal: AbortSignal): { passed: Promise<"late">; clear(): void } {
  const { promise, resolve } = Promise.withResolvers<"late">();
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    timer = setTimeout(() => resolve("late"), abortGraceMilliseconds);
  };
  if (signal.aborted) start();
  else signal.addEventListener("abort", start, { once: true });
  return {
    passed: promise,
    clear: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", start);
    },
  };
}

/** Starts something, and waits for it no longer than until `signal` aborts; not at all when it already has. */
async function abortable<T>(start: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([start(), aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
