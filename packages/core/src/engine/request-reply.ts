import type { ModelInfo, ModelRequest } from "../ports/model.ts";
import type { AgentEvent } from "../protocol/agent-events.ts";
import { AsyncQueue } from "../protocol/async-queue.ts";
import type { Message } from "../protocol/messages.ts";
import type { ModelEvent } from "../protocol/model-events.ts";
import { type BoundReply, boundTerms, stopRunaway } from "./bound-reply.ts";
import { boundThought, type ThoughtWatch, withoutThought } from "./bound-thought.ts";
import { shareWindow } from "./budget.ts";
import { groundedIn } from "./ground.ts";
import { foldReply, type Reply } from "./reply.ts";
import { countUsage, type Turn } from "./turn-state.ts";
import { fitWindow } from "./window.ts";

/** Fits the conversation into the window, asks once and folds the stream. Throws CONTEXT_FULL. */
export async function* requestReply(turn: Turn, bound?: BoundReply): AsyncGenerator<AgentEvent, Reply, void> {
  const { model, signatures, profile } = turn.dependencies;
  const conversation = bound?.conversation ?? turn.conversation;
  const { contextSize } = yield* describeModel(turn);
  const { outputDoubled: doubled, refusedTokens: refused } = turn.recovery;
  const budget = shareWindow(profile, contextSize, { doubled, refused });
  const count = (messages: readonly Message[]): Promise<number> =>
    model.countTokens({ messages, tools: signatures }, turn.signal);
  const fit = await fitWindow(conversation, budget, count);
  if (fit.compaction !== undefined) yield { type: "compaction", ...fit.compaction };
  turn.promptTokens = fit.tokens;
  const step = ++turn.progress.steps;
  yield { type: "step-start", step, contextTokens: fit.tokens, contextSize };
  const { thoughtTokens } = profile;
  const bounds = { maxTokens: budget.output, ...(thoughtTokens === undefined ? {} : { thoughtTokens }) };
  const asked = { messages: [...conversation.view], tools: signatures, ...bounds };
  const terms = bound === undefined ? await freeTerms(turn) : boundTerms(turn, bound);
  const reply = yield* askOnce(turn, { ...asked, ...terms }, bound);
  yield { type: "step-end", step, usage: reply.usage, tokensPerSecond: reply.tokensPerSecond };
  return reply;
}

/** A model that thinks without end is asked once more, to answer now. */
async function* askOnce(
  turn: Turn,
  request: ModelRequest,
  bound?: BoundReply,
): AsyncGenerator<AgentEvent, Reply, void> {
  const { mendCall } = turn.dependencies;
  const watch = { isOver: false };
  const reply = yield* foldReply(streamed(turn, request, { bound, watch }), mendCall);
  countUsage(turn, reply.usage);
  if (!watch.isOver || turn.signal.aborted) return reply;
  yield { type: "notice", text: "The model thought for too long: it is asked to answer now." };
  const again = withoutThought(request, reply.message.thought ?? "");
  const answer = yield* foldReply(streamed(turn, again, { bound, watch: { isOver: true } }), mendCall);
  countUsage(turn, answer.usage);
  return answer;
}

/** Another backend that begins the reply anew may have another window. */
async function* streamed(
  turn: Turn,
  request: ModelRequest,
  { bound, watch }: { bound: BoundReply | undefined; watch: ThoughtWatch },
): AsyncGenerator<ModelEvent, void, void> {
  const { model } = turn.dependencies;
  const stop = new AbortController();
  const asked = model.stream(request, AbortSignal.any([turn.signal, stop.signal]));
  const stream = watch.isOver ? asked : boundThought(asked, request, { watch, stop });
  for await (const event of bound === undefined ? stream : stopRunaway(stream, bound.room, stop)) {
    if (event.type === "model-restart" && event.again === true) turn.info = undefined;
    yield event;
  }
}

type Terms = Omit<ModelRequest, "messages" | "tools" | "maxTokens">;

/** A call that is forced is decoded greedily, this once. */
async function freeTerms(turn: Turn): Promise<Terms> {
  const { profile } = turn.dependencies;
  const { forced } = turn.recovery;
  turn.recovery.forced = undefined;
  const candidates = await groundedIn(turn);
  return {
    toolChoice: forced ?? "auto",
    sampling: forced === undefined ? profile.sampling : { ...profile.sampling, temperature: 0 },
    ...(candidates === undefined ? {} : { candidates }),
  };
}

/** Loads the model when it is not in memory yet, and says how far that is. */
async function* describeModel(turn: Turn): AsyncGenerator<AgentEvent, ModelInfo, void> {
  if (turn.info !== undefined) return turn.info;
  const progress = new AsyncQueue<number>();
  const described = turn.dependencies.model
    .describe(turn.signal, (fraction) => progress.push(fraction))
    .finally(() => progress.end());
  described.catch(() => undefined);
  for await (const fraction of progress) yield { type: "model-load", fraction };
  turn.info = await described;
  return turn.info;
}
