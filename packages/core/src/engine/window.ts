import { TrustError } from "../protocol/errors.ts";
import { isSaidByPerson, type Message } from "../protocol/messages.ts";
import type { Budget } from "./budget.ts";
import { currentTurnSteps, lastResorts, mildSteps, type Step } from "./compaction.ts";
import type { Conversation } from "./conversation.ts";

/** Once compaction is needed it goes down to this share of what is not fixed, so that it is rarely needed. */
const compactionTarget = 0.6;
/** The share of that which the frame may take, and its bounds in tokens. */
const frameShare = 0.4;
const frameTokens = { least: 256, most: 4096 };

export type CountTokens = (messages: readonly Message[]) => Promise<number>;

export interface Compaction {
  stubbed: number;
  dropped: number;
  tokensBefore: number;
  tokensAfter: number;
}

export interface Fit {
  tokens: number;
  compaction?: Compaction;
}

/**
 * Makes the conversation's view fit into a window, counted by the model itself. Above the trigger it is shortened as
 * far as that is mild; only above the limit is more given up. Throws CONTEXT_FULL when even the shortest form does
 * not fit: nothing is ever cut silently.
 */
export async function fitWindow(
  conversation: Conversation,
  { trigger, limit }: Pick<Budget, "trigger" | "limit">,
  count: CountTokens,
): Promise<Fit> {
  const tokens = await count(conversation.view);
  if (tokens <= trigger) return { tokens };
  const fixed = await count(fixedPart(conversation.view));
  const target = fixed + Math.max(0, Math.floor((trigger - fixed) * compactionTarget));
  const shortener = new Shortener(conversation, count, { tokens, fixed, target });
  const { compaction } = shortener;
  await shortener.apply(mildSteps, target);
  if (compaction.tokensAfter > limit) await shortener.apply(currentTurnSteps, target);
  await shortener.apply(lastResorts, limit);
  if (compaction.tokensAfter > limit) throw contextFull(compaction.tokensAfter, limit);
  const isChanged = compaction.stubbed + compaction.dropped > 0 || compaction.tokensAfter < tokens;
  return isChanged ? { tokens: compaction.tokensAfter, compaction } : { tokens };
}

/** Shortens the view step by step until it has at most `target` tokens or nothing more can mildly be given up. */
export async function compact(conversation: Conversation, target: number, count: CountTokens): Promise<Compaction> {
  const tokens = await count(conversation.view);
  const fixed = await count(fixedPart(conversation.view));
  const shortener = new Shortener(conversation, count, { tokens, fixed, target });
  await shortener.apply([...mildSteps, ...currentTurnSteps], target);
  return shortener.compaction;
}

/** What stays whatever is given up: a prompt that every template can render. */
function fixedPart(view: readonly Message[]): Message[] {
  const last = view.findLast(isSaidByPerson);
  return [...view.filter(({ role }) => role === "system"), ...(last === undefined ? [] : [last])];
}

interface Sizes {
  tokens: number;
  fixed: number;
  target: number;
}

class Shortener {
  readonly compaction: Compaction;
  readonly #conversation: Conversation;
  readonly #count: CountTokens;
  readonly #room: number;

  constructor(conversation: Conversation, count: CountTokens, sizes: Sizes) {
    this.#conversation = conversation;
    this.#count = count;
    this.#room = frameRoom(conversation.view, sizes);
    this.compaction = { stubbed: 0, dropped: 0, tokensBefore: sizes.tokens, tokensAfter: sizes.tokens };
  }

  /** Takes each step as often as it helps, in order, until the view has at most `target` tokens. */
  async apply(steps: readonly Step[], target: number): Promise<void> {
    for (const step of steps) {
      while (this.compaction.tokensAfter > target) {
        const shorter = step(this.#conversation, this.#room);
        if (shorter === undefined) break;
        this.#conversation.view = shorter.view;
        this.#conversation.frame = shorter.frame;
        this.compaction.stubbed += shorter.stubbed;
        this.compaction.dropped += shorter.dropped;
        this.compaction.tokensAfter = await this.#count(this.#conversation.view);
      }
    }
  }
}

/** Characters of a frame: its tokens by the measure of the conversation itself. */
function frameRoom(view: readonly Message[], { tokens, fixed, target }: Sizes): number {
  const characters = view.reduce((sum, { role, text }) => (role === "system" ? sum : sum + text.length), 0);
  const perToken = Math.min(8, Math.max(1, characters / Math.max(1, tokens - fixed)));
  const wanted = Math.max((target - fixed) * frameShare, (tokens - fixed) / 10);
  return Math.floor(Math.min(frameTokens.most, Math.max(frameTokens.least, wanted)) * perToken);
}

function contextFull(tokens: number, limit: number): TrustError {
  return new TrustError(
    "CONTEXT_FULL",
    `the prompt needs ${tokens} tokens even in its shortest form, but this model's window leaves ${limit} for it`,
    { hint: "ask about a smaller part, use a model with a larger window (/model), or start afresh (/clear)" },
  );
}
