import { randomUUID } from "node:crypto";

import type { DialectParser, PromptSegment, TriggeredGrammar } from "../../dialects/index.ts";
import type { ModelInfo, ModelPort, ModelRequest } from "../../ports/model.ts";
import { AsyncQueue } from "../../protocol/async-queue.ts";
import { errorBody, TrustError } from "../../protocol/errors.ts";
import type { HostGenerate, HostGrammar, HostModel } from "../../protocol/host.ts";
import { type FinishReason, type ModelEvent, noUsage, type ParsedEvent } from "../../protocol/model-events.ts";
import type { Candidates } from "../../protocol/tool-call.ts";
import type { ChatTemplate } from "../templates/index.ts";
import { abortable, boundedByAbort } from "./abort.ts";
import type { HostEntry, RequestReply } from "./host-connection.ts";
import { isCrash } from "./host-transport.ts";
import { LlamaTemplate, type TemplateSettings } from "./llama-template.ts";
import { markGrounded } from "./mark-grounded.ts";
import { runWithHost } from "./run-with-host.ts";
import { StablePrefix } from "./stable-prefix.ts";
import { HostSupervisor, type ModelSpec, type ReadyHost } from "./supervisor.ts";

export interface LlamaModelOptions {
  entry: HostEntry;
  spec: ModelSpec;
  id: string;
  templates: TemplateSettings;
  /** Decode calls under the grammar of the offered signatures. */
  constrainedCalls: boolean;
  parallelCalls: boolean;
  /** Seconds without a sign of life after which the host counts as hung. Default: 15. */
  missedBeats?: number;
  /** Files of models that may be asked for next. */
  next?: () => Promise<readonly string[]>;
  /** 1: nobody waits; 5: a person waits, the default. */
  priority?: number;
  /** Writes without guessing ahead, for comparisons. */
  plain?: boolean;
}

/** A ModelPort that also lets a caller see which process does the work, for `doctor` and tests. */
export interface LlamaModel extends ModelPort {
  readonly hostPid: number | undefined;
}

const restartsPerReply = 2;
const personWaits = 5;

/** A local GGUF model, run by the model host. Survives crashes of the host in mid-reply. */
export function createLlamaModel(options: LlamaModelOptions): LlamaModel {
  const supervisor = new HostSupervisor(options.entry, options.spec, options);
  const template = new LlamaTemplate(supervisor, options.templates);
  const model: Model = { supervisor, template, options, stable: new StablePrefix(), conversation: randomUUID() };
  return {
    get hostPid() {
      return supervisor.pid;
    },
    async describe(signal, onLoad) {
      const { model: loaded } = await abortable(() => supervisor.ready(onLoad), signal);
      return describe(options, loaded);
    },
    countTokens: (request, signal) => countTokens(model, request, signal),
    stream: (request, signal) => streamReply(model, request, signal),
    downgrade: () => template.downgrade(),
    async [Symbol.asyncDispose]() {
      await template[Symbol.asyncDispose]();
      await supervisor[Symbol.asyncDispose]();
    },
  };
}

interface Model {
  supervisor: HostSupervisor;
  template: LlamaTemplate;
  options: LlamaModelOptions;
  stable: StablePrefix;
  /** The name of its requests, which go on from one another. */
  conversation: string;
}

function describe(options: LlamaModelOptions, model: HostModel): ModelInfo {
  const { contextSize, sizeBytes } = model;
  return { id: options.id, name: options.id, contextSize, sizeBytes, local: true };
}

type Prompt = Pick<ModelRequest, "messages" | "tools">;

function countTokens({ supervisor, template }: Model, request: Prompt, signal: AbortSignal): Promise<number> {
  return runWithHost(supervisor, signal, (host) => countOnce(host, template, request, signal));
}

async function countOnce(
  { connection, model }: ReadyHost,
  template: LlamaTemplate,
  request: Prompt,
  signal: AbortSignal,
): Promise<number> {
  const chat = await template.open(model, signal);
  const prompt = await chat.render({ ...request, addGenerationPrompt: true }, signal);
  for await (const reply of connection.request({ type: "count", model: model.id, prompt }, signal)) {
    if (reply.type === "counted") return reply.tokens;
  }
  throw new TrustError("HOST_CRASHED", "The model host did not count", { hint: "trust doctor" });
}

/** What a reply has produced so far; after a crash the host goes on from `raw`. */
interface Progress {
  /** Made when the prompt is known, and kept through restarts. */
  parser: DialectParser | undefined;
  /** What the parser made of text that the reply was given to begin with. */
  early: readonly ParsedEvent[];
  raw: string;
  calls: number;
  /** What the grammar of its calls admits, where there is one. */
  candidates: Candidates;
}

type Finish = Extract<ModelEvent, { type: "finish" }>;

async function* streamReply(
  model: Model,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent, void, void> {
  const { supervisor } = model;
  const progress: Progress = { parser: undefined, early: [], raw: "", calls: 0, candidates: {} };
  for (let restarts = 0; ; restarts++) {
    try {
      const host = yield* waitForHost(supervisor, signal);
      const replies = host === undefined ? undefined : generate(host, model, request, { progress, signal });
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
    const { early } = progress;
    progress.early = [];
    yield* parsed(early, progress);
    if (reply.type === "prefill") {
      const { done, total, reused, source, broke } = reply;
      yield { type: "prefill", done, total, reused, ...(source && { source }), ...(broke && { broke }) };
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
    if (event.type !== "call-end") yield event;
    else {
      progress.calls++;
      yield { type: "call-end", call: markGrounded(event.call, progress.candidates) };
    }
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

interface Generation {
  progress: Progress;
  signal: AbortSignal;
}

async function* generate(
  { connection, model }: ReadyHost,
  { template, options, stable, conversation }: Model,
  request: ModelRequest,
  { progress, signal }: Generation,
): AsyncGenerator<RequestReply, void, void> {
  const chat = await template.open(model, signal);
  const { messages, tools, outputSchema, thinking } = request;
  const thinks = outputSchema === undefined && thinking !== false;
  const asked = { messages, tools, addGenerationPrompt: true };
  const prompt = await chat.render(thinks ? asked : { ...asked, thinking: false }, signal);
  const grammar = grammarFor(chat, request, options);
  if (grammar !== undefined) progress.candidates = request.candidates ?? {};
  const opened = endsInThought(chat, prompt);
  const forced = grammar === undefined ? "" : forcedText(chat, grammar, opened);
  if (progress.parser === undefined) {
    progress.parser = parserFor(chat, request, prompt);
    // The events of what we wrote ourselves; a call's start may be among them.
    progress.early = progress.parser.push(forced);
  }
  const front = await stable.front(chat, request, signal);
  yield* connection.request(
    {
      type: "generate",
      model: model.id,
      priority: options.priority ?? personWaits,
      conversation,
      ...(front.length === 0 ? {} : { front: [...front] }),
      ...(options.plain === undefined ? {} : { plain: options.plain }),
      prompt: [...prompt, ...(forced === "" ? [] : [{ kind: "control" as const, text: forced }])],
      forced: progress.raw,
      sampler: request.sampling,
      stops: [],
      maxTokens: request.maxTokens,
      ...(grammar === undefined ? {} : { grammar: hostGrammar(chat, grammar, opened) }),
      ...hostThinking(chat, request, opened),
    },
    signal,
  );
}

function parserFor(chat: ChatTemplate, { tools, toolChoice, outputSchema }: ModelRequest, prompt: PromptSegment[]) {
  const via = toolChoice === "auto" || toolChoice === "none" ? "parsed" : "forced";
  // A value that is bound to a schema may look like a call and is none.
  return chat.dialect.parser({ tools: outputSchema === undefined ? tools : [], prompt, via });
}

function grammarFor(
  chat: ChatTemplate,
  request: ModelRequest,
  options: LlamaModelOptions,
): TriggeredGrammar | undefined {
  const { outputSchema, toolChoice, tools, candidates } = request;
  if (outputSchema !== undefined) return chat.dialect.outputGrammar(outputSchema);
  if (!options.constrainedCalls && candidates === undefined && toolChoice === "auto") return undefined;
  return chat.dialect.grammar(tools, toolChoice, options.parallelCalls, candidates);
}

function hostGrammar({ format }: ChatTemplate, grammar: TriggeredGrammar, opened: boolean): HostGrammar {
  const { gbnf, root, triggers } = grammar;
  const close = format.thought?.close.trim() ?? "";
  const thought = { open: format.thought?.open.trim() ?? "", close, opened };
  return { gbnf, root, triggers: [...triggers], ...(close === "" || triggers.length === 0 ? {} : { thought }) };
}

/** Nothing for a family that marks no thoughts, and where they may fill the reply. */
function hostThinking(
  { format }: ChatTemplate,
  { thoughtTokens }: ModelRequest,
  opened: boolean,
): Pick<HostGenerate, "thinking"> {
  const { open = "", close = "" } = format.thought ?? {};
  if (thoughtTokens === undefined || close.trim() === "") return {};
  return { thinking: { tokens: thoughtTokens, open: open.trim(), close, opened } };
}

/** What must stand at the reply's beginning: an opened thought is closed first, since no grammar binds thoughts. */
function forcedText({ format }: ChatTemplate, { triggers, forced }: TriggeredGrammar, opened: boolean): string {
  if (triggers.length > 0) return "";
  return `${opened ? (format.thought?.close ?? "") : ""}${forced}`;
}

/** Some templates open the thought themselves, so that the model's reply has only what closes it. */
function endsInThought({ format }: ChatTemplate, prompt: readonly PromptSegment[]): boolean {
  const last = prompt.at(-1);
  const opened = format.thought?.open.trim() || format.thought?.prewritten.trim() || "";
  return opened !== "" && last?.kind === "control" && last.text.trimEnd().endsWith(opened);
}

function finishOf(reply: Extract<RequestReply, { type: "end" }>, progress: Progress): Finish {
  const { promptTokens, reusedTokens, outputTokens, tokensPerSecond } = reply;
  const usage = { promptTokens, reusedTokens, outputTokens };
  return { type: "finish", reason: finishReason(reply.reason, progress.calls), usage, tokensPerSecond };
}

function finishReason(reason: "stop" | "length" | "abort", calls: number): FinishReason {
  return reason === "stop" && calls > 0 ? "calls" : reason;
}
