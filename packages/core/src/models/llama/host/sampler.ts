import { randomInt } from "node:crypto";

import type { HostSampler } from "../../../protocol/host.ts";
import type { AddonGrammarState, AddonSampler, SamplerConfig, Token } from "./addon.ts";
import type { GrammarModel } from "./armed-grammar.ts";

const penaltyTokens = 64;
const largestSeed = 2 ** 32 - 1;

/**
 * llama.cpp's samplers in its order: penalties, top-k, top-p, min-p, temperature, the seed's choice. The same seed
 * gives the same tokens for the same logits. Temperature 0 or none is greedy.
 */
export class TokenSampler {
  readonly #native: AddonSampler;
  readonly #config: SamplerConfig;
  readonly #recent: Token[] = [];
  #grammar: AddonGrammarState | undefined;

  constructor({ llama, model }: GrammarModel, sampler: HostSampler) {
    this.#native = new llama.addon.AddonSampler(model);
    this.#config = configOf(sampler);
    this.#native.applyConfig(this.#config);
  }

  /** No sample changes the next one, as long as no grammar binds them. */
  get isStateless(): boolean {
    return this.#config.temperature === 0 && this.#config.repeatPenaltyTokens === undefined;
  }

  /** The sampler, bound by a grammar from the moment that there is one. */
  bound(grammar: AddonGrammarState | undefined): AddonSampler {
    if (grammar !== this.#grammar) {
      this.#grammar = grammar;
      this.#native.applyConfig({
        ...this.#config,
        ...(this.#config.repeatPenaltyTokens && { repeatPenaltyTokens: Uint32Array.from(this.#recent) }),
        ...(grammar && { grammarEvaluationState: grammar }),
      });
    }
    return this.#native;
  }

  /** A token of the reply; penalties look back at these. */
  note(token: Token): void {
    this.#recent.push(token);
    if (this.#recent.length > penaltyTokens) this.#recent.shift();
  }

  dispose(): void {
    this.#native.dispose();
  }
}

function configOf(sampler: HostSampler): SamplerConfig {
  const { temperature = 0, topK, topP, minP, repeatPenalty, presencePenalty, frequencyPenalty, seed } = sampler;
  return {
    temperature,
    seed: seed === undefined ? randomInt(largestSeed) : seed % largestSeed,
    ...(topK === undefined ? {} : { topK }),
    ...(topP === undefined ? {} : { topP }),
    ...(minP === undefined ? {} : { minP }),
    ...penalties(repeatPenalty, presencePenalty, frequencyPenalty),
  };
}

function penalties(repeat?: number, presence?: number, frequency?: number): SamplerConfig {
  if (repeat === undefined && presence === undefined && frequency === undefined) return {};
  return {
    repeatPenalty: repeat ?? 1,
    repeatPenaltyPresencePenalty: presence ?? 0,
    repeatPenaltyFrequencyPenalty: frequency ?? 0,
    repeatPenaltyMaxTokens: penaltyTokens,
    // Only what the reply itself says counts; the sampler adds it.
    repeatPenaltyTokens: new Uint32Array(),
  };
}
