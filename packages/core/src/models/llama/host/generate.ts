import { TrustError } from "../../../protocol/errors.ts";
import type { HostGenerate, HostReply } from "../../../protocol/host.ts";
import type { Token } from "./addon.ts";
import { ArmedGrammar } from "./armed-grammar.ts";
import type { Job, JobOutcome, PrefillProgress } from "./job.ts";
import type { ChatModel } from "./loaded-model.ts";
import { Reply } from "./reply.ts";
import { TokenSampler } from "./sampler.ts";
import { commonPrefix } from "./slot.ts";

type Send = (reply: HostReply) => void;
const prefillReportMilliseconds = 80;

/** One reply: reads the prompt, samples until something ends it, sends text as it comes and one `end`. */
export async function generate(
  model: ChatModel,
  request: HostGenerate,
  signal: AbortSignal,
  send: Send,
): Promise<void> {
  const { vocabulary } = model;
  const prompt = await readPrompt(model, request);
  const forced = vocabulary.tokenize(request.forced, true, true);
  const tokens = [...prompt, ...forced];
  const limit = roomFor(model, tokens, request.maxTokens - forced.length);
  const sampler = new TokenSampler(model, request.sampler);
  try {
    const grammar = armGrammar(model, request, forced);
    const show = (text: string): void => {
      if (text !== "") send({ type: "text", request: request.request, text });
    };
    const reply = new Reply(request, { vocabulary, sampler, grammar, limit, show });
    const timer = new WritingTime();
    const outcome = await model.loop.run({
      priority: request.priority,
      signal,
      prompt: tokens,
      stable: await stableTokens(model, request, prompt),
      conversation: request.conversation,
      sampler: () => sampler.bound(grammar?.state),
      samplesAreIndependent: grammar === undefined && sampler.isStateless,
      drafter: request.plain === true || !model.loop.canDraft ? undefined : model.drafter(),
      onPrefill: throttled(request.request, send),
      take: (token) => {
        timer.note();
        return limit < 1 ? "stop" : reply.take(token);
      },
    } satisfies Job);
    if (limit < 1) reply.reason = "length";
    else if (!outcome.aborted) reply.end();
    send(
      endOf(request.request, { promptTokens: prompt.length, forcedTokens: forced.length }, reply, { outcome, timer }),
    );
  } finally {
    sampler.dispose();
  }
}

/** Takes a while for a long prompt. */
async function readPrompt({ vocabulary, loop }: ChatModel, { prompt }: HostGenerate): Promise<Token[]> {
  using _ = loop.expect();
  return await vocabulary.tokenizePrompt(prompt);
}

/** How many tokens may be written behind these. Throws CONTEXT_FULL when not one fits, INPUT_INVALID without any. */
function roomFor(model: ChatModel, tokens: readonly Token[], asked: number): number {
  const { contextSize } = model.info;
  if (tokens.length === 0) throw new TrustError("INPUT_INVALID", "the prompt is empty");
  const room = contextSize - tokens.length;
  if (room >= 1) return Math.min(room, asked);
  const message = `the prompt has ${tokens.length} tokens, but the context window holds ${contextSize}`;
  throw new TrustError("CONTEXT_FULL", message, { hint: "/clear starts afresh; /compact shortens the conversation" });
}

function armGrammar(
  model: ChatModel,
  { grammar, forced: text }: HostGenerate,
  forced: readonly Token[],
): ArmedGrammar | undefined {
  if (grammar === undefined) return undefined;
  const armed = new ArmedGrammar(model, model.grammars.compile(grammar), grammar);
  if (forced.length > 0) armed.force(forced, text);
  return armed;
}

async function stableTokens(
  { vocabulary }: ChatModel,
  { front }: HostGenerate,
  prompt: readonly Token[],
): Promise<number> {
  return front === undefined ? 0 : commonPrefix(await vocabulary.tokenizePrompt(front), prompt);
}

/** Progress of prompt reading at most every 80 ms, and always at its beginning and end. */
export function throttled(request: number, send: Send): (progress: PrefillProgress) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    const finished = progress.done >= progress.total - 1;
    if (!finished && progress.source === undefined && now - last < prefillReportMilliseconds) return;
    last = now;
    send({ type: "prefill", request, ...progress, done: finished ? progress.total : progress.done });
  };
}

/** From the first token to the last: what the reader sees as speed. */
class WritingTime {
  #first = 0;
  #last = 0;
  #tokens = 0;

  note(): void {
    this.#last = performance.now();
    if (this.#tokens++ === 0) this.#first = this.#last;
  }

  get tokensPerSecond(): number {
    const seconds = (this.#last - this.#first) / 1000;
    return seconds > 0 ? (this.#tokens - 1) / seconds : 0;
  }
}

// oxlint-disable-next-line max-params -- four parts of one message
function endOf(
  request: number,
  { promptTokens, forcedTokens }: { promptTokens: number; forcedTokens: number },
  reply: Reply,
  { outcome, timer }: { outcome: JobOutcome; timer: WritingTime },
): HostReply {
  return {
    type: "end",
    request,
    reason: outcome.aborted ? "abort" : reply.reason,
    promptTokens,
    reusedTokens: Math.min(outcome.reused, promptTokens),
    outputTokens: forcedTokens + reply.count,
    tokensPerSecond: timer.tokensPerSecond,
    drafted: outcome.drafted,
    accepted: outcome.accepted,
  };
}
