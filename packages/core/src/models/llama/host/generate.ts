import type { SequenceEvaluateOptions, Token } from "node-llama-cpp";

import { TrustError } from "../../../protocol/errors.ts";
import type { HostGenerate, HostReply } from "../../../protocol/host.ts";
import { ArmedGrammar } from "./armed-grammar.ts";
import { type LoadedModel, tokenizePrompt } from "./loaded-model.ts";
import { prefill } from "./prefill.ts";
import { StopFilter } from "./stop-filter.ts";
import { ThinkingBudget } from "./thinking-budget.ts";
import { TokenDecoder } from "./token-decoder.ts";

type Send = (reply: HostReply) => void;
const prefillReportMilliseconds = 80;

/** One reply: reads the prompt, samples until something ends it, sends text as it comes and one `end`. */
export async function generate(
  loaded: LoadedModel,
  request: HostGenerate,
  signal: AbortSignal,
  send: Send,
): Promise<void> {
  const { model, sequence } = loaded;
  const forced = request.forced === "" ? [] : model.tokenize(request.forced, true);
  const tokens = [...tokenizePrompt(model, request.prompt), ...forced];
  const room = loaded.info.contextSize - tokens.length;
  if (room < 1) throw contextFull(tokens.length, loaded.info.contextSize);
  const grammar = await armGrammar(loaded, request, forced);

  const reused = await prefill(sequence, tokens, signal, throttled(request.request, send));
  const reply = new Reply(loaded, request, grammar, Math.min(room, request.maxTokens - forced.length));
  const began = performance.now();
  if (reply.limit < 1) reply.reason = "length";
  else if (!signal.aborted) await sample(reply, tokens, signal, send);
  const seconds = (performance.now() - began) / 1000;
  send({
    type: "end",
    request: request.request,
    reason: signal.aborted ? "abort" : reply.reason,
    promptTokens: tokens.length - forced.length,
    reusedTokens: reused,
    outputTokens: forced.length + reply.count,
    tokensPerSecond: seconds > 0 ? reply.count / seconds : 0,
  });
}

function contextFull(tokens: number, size: number): TrustError {
  return new TrustError("CONTEXT_FULL", `the prompt has ${tokens} tokens, but the context window holds ${size}`, {
    hint: "/clear starts afresh; /compact shortens the conversation",
  });
}

async function armGrammar(
  loaded: LoadedModel,
  { grammar, forced: text }: HostGenerate,
  forced: readonly Token[],
): Promise<ArmedGrammar | undefined> {
  if (grammar === undefined) return undefined;
  const armed = new ArmedGrammar(loaded.model, await loaded.grammars.compile(grammar), grammar);
  if (forced.length > 0) armed.force(forced, text);
  return armed;
}

/** Progress of prompt reading at most every 80 ms, and always at its end. */
function throttled(request: number, send: Send): Parameters<typeof prefill>[3] {
  let last = 0;
  return (progress) => {
    const now = performance.now();
    const finished = progress.done >= progress.total - 1;
    if (!finished && now - last < prefillReportMilliseconds) return;
    last = now;
    send({ type: "prefill", request, ...progress, done: finished ? progress.total : progress.done });
  };
}

/** What one reply keeps between its tokens. */
class Reply {
  readonly decoder: TokenDecoder;
  readonly stops: StopFilter;
  readonly thinking: ThinkingBudget | undefined;
  readonly loaded: LoadedModel;
  readonly request: HostGenerate;
  readonly grammar: ArmedGrammar | undefined;
  readonly limit: number;
  count = 0;
  reason: "stop" | "length" = "stop";
  recent: Token[] = [];

  constructor(loaded: LoadedModel, request: HostGenerate, grammar: ArmedGrammar | undefined, limit: number) {
    this.limit = limit;
    this.loaded = loaded;
    this.request = request;
    this.grammar = grammar;
    this.decoder = new TokenDecoder(loaded.model);
    this.stops = new StopFilter(request.stops);
    this.thinking = request.thinking === undefined ? undefined : new ThinkingBudget(request.thinking);
    this.thinking?.observe(request.forced, 0);
  }

  /** Takes a sampled token; returns the text to show now. */
  take(token: Token): string {
    this.count++;
    this.recent.push(token);
    if (this.recent.length > 64) this.recent.shift();
    const text = this.decoder.push(token);
    this.grammar?.observe(text);
    this.thinking?.observe(text, 1);
    return this.stops.push(text);
  }

  /** Text that must follow now without sampling, as tokens; undefined when there is none. */
  forcedNext(): Token[] | undefined {
    const text = this.thinking?.closing();
    return text === undefined ? undefined : this.loaded.model.tokenize(text, true);
  }
}

async function sample(reply: Reply, tokens: readonly Token[], signal: AbortSignal, send: Send): Promise<void> {
  const { request } = reply.request;
  const show = (text: string): void => {
    if (text !== "") send({ type: "text", request, text });
  };
  const stream = reply.loaded.sequence.evaluate(tokens.slice(-1), evaluateOptions(reply));
  let injected: Token[] | undefined;
  while (!signal.aborted) {
    const next = await (injected === undefined ? stream.next() : stream.next(injected));
    injected = undefined;
    if (next.done === true || signal.aborted) break;
    show(reply.take(next.value));
    if (reply.stops.stopped) break;
    if (reply.count >= reply.limit) {
      reply.reason = "length";
      break;
    }
    injected = inject(reply, next.value, show);
  }
  await stream.return();
  if (!reply.stops.stopped) show(reply.stops.push(reply.decoder.flush()) + reply.stops.flush());
}

/** Writes forced text into the reply after the token just sampled, which must be evaluated before it. */
function inject(reply: Reply, sampled: Token, show: (text: string) => void): Token[] | undefined {
  const forced = reply.forcedNext();
  if (forced === undefined) return undefined;
  for (const token of forced) show(reply.take(token));
  return [sampled, ...forced];
}

function evaluateOptions(reply: Reply): SequenceEvaluateOptions {
  const { sampler, priority } = reply.request;
  const { grammar } = reply;
  return {
    temperature: sampler.temperature ?? 0,
    evaluationPriority: priority as NonNullable<SequenceEvaluateOptions["evaluationPriority"]>,
    ...(sampler.topK === undefined ? {} : { topK: sampler.topK }),
    ...(sampler.topP === undefined ? {} : { topP: sampler.topP }),
    ...(sampler.minP === undefined ? {} : { minP: sampler.minP }),
    ...(sampler.seed === undefined ? {} : { seed: sampler.seed }),
    ...(sampler.repeatPenalty === undefined
      ? {}
      : { repeatPenalty: { penalty: sampler.repeatPenalty, punishTokens: () => reply.recent } }),
    ...(grammar === undefined ? {} : { grammarEvaluationState: () => grammar.state }),
  };
}
