import {
  type Llama,
  type LlamaGrammar,
  LlamaGrammarEvaluationState,
  type LlamaModel,
  type Token,
} from "node-llama-cpp";

import type { HostGrammar } from "../../../protocol/host.ts";

/** The addon's own call, which the library keeps internal; the version is pinned exactly. */
interface GrammarBindings {
  _bindings: {
    AddonSampler: { acceptGrammarEvaluationStateToken(state: unknown, token: Token): void };
  };
}
interface NativeState {
  _state: unknown;
}

/** Grammars are compiled once: the same tools give the same text. */
export class GrammarCache {
  readonly #llama: Llama;
  readonly #compiled = new Map<string, LlamaGrammar>();

  constructor(llama: Llama) {
    this.#llama = llama;
  }

  async compile(grammar: HostGrammar): Promise<LlamaGrammar> {
    const known = this.#compiled.get(grammar.gbnf);
    if (known !== undefined) return known;
    const compiled = await this.#llama.createGrammar({ grammar: grammar.gbnf, rootRuleName: grammar.root });
    if (this.#compiled.size >= 32) this.#compiled.delete(this.#compiled.keys().next().value ?? "");
    this.#compiled.set(grammar.gbnf, compiled);
    return compiled;
  }
}

/**
 * A grammar that sleeps until the reply reaches a trigger text. `state` is undefined while it sleeps,
 * which is what the sampler asks before each token.
 */
export class ArmedGrammar {
  readonly #model: LlamaModel;
  readonly #grammar: LlamaGrammar;
  readonly #triggers: readonly string[];
  readonly #longest: number;
  #tail = "";
  #state: LlamaGrammarEvaluationState | undefined;

  constructor(model: LlamaModel, grammar: LlamaGrammar, triggers: readonly string[]) {
    this.#model = model;
    this.#grammar = grammar;
    this.#triggers = triggers;
    this.#longest = Math.max(0, ...triggers.map((trigger) => trigger.length));
    if (triggers.length === 0) this.#arm("");
  }

  get state(): LlamaGrammarEvaluationState | undefined {
    return this.#state;
  }

  /** Tells the text of a sampled token; the sampler itself advances an armed grammar. */
  observe(text: string): void {
    if (this.#state !== undefined) return;
    this.#tail += text;
    for (const trigger of this.#triggers) {
      const at = this.#tail.indexOf(trigger);
      if (at >= 0) {
        this.#arm(this.#tail.slice(at + trigger.length));
        return;
      }
    }
    this.#tail = this.#tail.slice(-this.#longest);
  }

  /** Tells tokens that were written into the reply without sampling. */
  force(tokens: readonly Token[], text: string): void {
    if (this.#state === undefined) this.observe(text);
    else this.#accept(tokens);
  }

  #arm(rest: string): void {
    this.#state = new LlamaGrammarEvaluationState({ model: this.#model, grammar: this.#grammar });
    if (rest !== "") this.#accept(this.#model.tokenize(rest, false));
  }

  #accept(tokens: readonly Token[]): void {
    const { llama } = this.#model;
    const sampler = (llama as unknown as GrammarBindings)._bindings.AddonSampler;
    const state = (this.#state as unknown as NativeState)._state;
    for (const token of tokens) sampler.acceptGrammarEvaluationStateToken(state, token);
  }
}
