import type { TimedReply } from "@trust-cli/core/models";

import type { Round } from "./rounds.ts";

/** Medians; speeds in tokens a second, null where nothing could be measured: a model may write nothing. */
export interface Figures {
  load: { milliseconds: number };
  reading: { tokens: number; tokensPerSecond: number | null };
  /** `guessed` is for text that stands before, `guessedRatio` its gain; `accepted` is the share of right guesses. */
  writing: {
    plain: number | null;
    guessed: number | null;
    guessedRatio: number | null;
    accepted: number | null;
  };
  /** Milliseconds to the first text behind a prompt. */
  firstText: { cold: number | null; known: number | null };
  /** llama-bench's, and ours divided by them. */
  llamaBench: {
    reading: number | null;
    writing: number | null;
    readingRatio: number | null;
    writingRatio: number | null;
  } | null;
}

export function figuresOf(rounds: readonly Round[], loadMilliseconds: number): Figures {
  const of = (pick: (round: Round) => number | undefined): number | null => median(rounds.map(pick));
  const reading = of((round) => round.reading);
  const plain = of((round) => speedOf(round.plain));
  const compared = rounds.some(({ llamaBench }) => llamaBench !== undefined);
  return {
    load: { milliseconds: loadMilliseconds },
    reading: { tokens: rounds[0]?.readTokens ?? 0, tokensPerSecond: reading },
    writing: {
      plain,
      guessed: of(({ guessed }) => speedOf(guessed)),
      guessedRatio: of((round) => ratio(speedOf(round.guessed), speedOf(round.plain))),
      accepted: of(({ guessed: { drafted, accepted } }) => ratio(accepted, drafted)),
    },
    firstText: { cold: of(({ coldMilliseconds }) => coldMilliseconds), known: of((round) => round.knownMilliseconds) },
    llamaBench: compared
      ? {
          reading: of(({ llamaBench }) => llamaBench?.reading),
          writing: of(({ llamaBench }) => llamaBench?.writing),
          readingRatio: of((round) => ratio(round.reading, round.llamaBench?.reading)),
          writingRatio: of((round) => ratio(speedOf(round.plain), round.llamaBench?.writing)),
        }
      : null,
  };
}

/** Undefined for a reply that was too short to tell. */
const speedOf = ({ tokensPerSecond }: TimedReply): number | undefined =>
  tokensPerSecond > 0 ? tokensPerSecond : undefined;

const ratio = (ours: number | undefined, theirs: number | undefined): number | undefined =>
  ours === undefined || theirs === undefined || theirs === 0 ? undefined : ours / theirs;

/**
 * The middle of what was measured; null when nothing was.
 * @internal
 */
export function median(values: readonly (number | undefined)[]): number | null {
  const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
