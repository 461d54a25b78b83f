import type { HostGenerate } from "../../../protocol/host.ts";
import type { Token } from "./addon.ts";
import type { ArmedGrammar } from "./armed-grammar.ts";
import type { Step } from "./job.ts";
import type { TokenSampler } from "./sampler.ts";
import { StopFilter } from "./stop-filter.ts";
import { ThinkingBudget } from "./thinking-budget.ts";
import { TokenDecoder } from "./token-decoder.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What one reply keeps between its tokens. */
export interface ReplyParts {
  vocabulary: Vocabulary;
  sampler: TokenSampler;
  grammar: ArmedGrammar | undefined;
  /** Tokens that may still be written. */
  limit: number;
  show(text: string): void;
}

/** Turns sampled tokens into text, as far as it may be shown, and says when the reply ends. */
export class Reply {
  count = 0;
  reason: "stop" | "length" = "stop";
  readonly #parts: ReplyParts;
  readonly #decoder: TokenDecoder;
  readonly #stops: StopFilter;
  readonly #thinking: ThinkingBudget | undefined;
  readonly #isEndless: boolean;

  constructor(request: Pick<HostGenerate, "stops" | "thinking" | "forced" | "endless">, parts: ReplyParts) {
    this.#parts = parts;
    this.#isEndless = request.endless === true;
    this.#decoder = new TokenDecoder(parts.vocabulary);
    this.#stops = new StopFilter(request.stops);
    this.#thinking = request.thinking === undefined ? undefined : new ThinkingBudget(request.thinking);
    this.#thinking?.observe(request.forced, 0);
  }

  take(token: Token): Step {
    const { vocabulary, limit } = this.#parts;
    if (!this.#isEndless && vocabulary.isEnd(token)) return "stop";
    this.#write(token);
    if (this.#stops.stopped) return "stop";
    if (this.count >= limit) {
      this.reason = "length";
      return "stop";
    }
    const closing = this.#thinking?.closing();
    if (closing === undefined) return { forced: [] };
    const forced = vocabulary.tokenize(closing, true, true);
    // The window may end before the thought does.
    if (this.count + forced.length >= limit) {
      this.reason = "length";
      return "stop";
    }
    for (const one of forced) this.#write(one);
    return { forced };
  }

  /** What was held back, once nothing can follow any more. */
  end(): void {
    if (this.#stops.stopped) return;
    this.#parts.show(this.#stops.push(this.#decoder.flush()) + this.#stops.flush());
  }

  #write(token: Token): void {
    this.count++;
    this.#parts.sampler.note(token);
    const text = this.#decoder.push(token);
    this.#parts.grammar?.observe(text);
    this.#thinking?.observe(text, 1);
    this.#parts.show(this.#stops.push(text));
  }
}
