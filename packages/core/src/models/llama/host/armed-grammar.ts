import type { HostGrammar } from "../../../protocol/host.ts";
import type { AddonGrammar, AddonGrammarState, AddonModel, Llama, Token } from "./addon.ts";
import { compileGrammar } from "./test-grammar.ts";
import type { Vocabulary } from "./vocabulary.ts";

const mostCompiled = 32;

/** Grammars are compiled once: the same tools give the same text. */
export class GrammarCache {
  readonly #llama: Llama;
  readonly #compiled = new Map<string, AddonGrammar>();

  constructor(llama: Llama) {
    this.#llama = llama;
  }

  compile(grammar: HostGrammar): AddonGrammar {
    const known = this.#compiled.get(grammar.gbnf);
    if (known !== undefined) return known;
    const compiled = compileGrammar(this.#llama, grammar);
    if (this.#compiled.size >= mostCompiled) this.#compiled.delete(this.#compiled.keys().next().value ?? "");
    this.#compiled.set(grammar.gbnf, compiled);
    return compiled;
  }
}

/** The model that a grammar holds. */
export interface GrammarModel {
  llama: Llama;
  model: AddonModel;
  vocabulary: Vocabulary;
}

/**
 * A grammar that sleeps until the reply reaches a trigger text outside its thoughts. `state` is undefined while it
 * sleeps, which is what the sampler asks before each token.
 */
export class ArmedGrammar {
  readonly #model: GrammarModel;
  readonly #grammar: AddonGrammar;
  readonly #triggers: readonly string[];
  readonly #thought: HostGrammar["thought"];
  readonly #longest: number;
  #tail = "";
  #inThought: boolean;
  #state: AddonGrammarState | undefined;

  constructor(model: GrammarModel, grammar: AddonGrammar, { triggers, thought }: HostGrammar) {
    this.#model = model;
    this.#grammar = grammar;
    this.#triggers = triggers;
    this.#thought = thought;
    this.#inThought = thought?.opened ?? false;
    const markers = [...triggers, thought?.open ?? "", thought?.close ?? ""];
    this.#longest = Math.max(0, ...markers.map((marker) => marker.length));
    if (triggers.length === 0) this.#arm("");
  }

  get state(): AddonGrammarState | undefined {
    return this.#state;
  }

  /** Tells the text of a sampled token; the sampler itself advances an armed grammar. */
  observe(text: string): void {
    if (this.#state !== undefined) return;
    this.#tail += text;
    while (this.#step());
    this.#tail = this.#tail.slice(-this.#longest);
  }

  /** Follows the next marker in the text; false when there is none. */
  #step(): boolean {
    const { open = "", close = "" } = this.#thought ?? {};
    const wanted = this.#inThought ? [close] : [...this.#triggers, ...(open === "" ? [] : [open])];
    const found = wanted
      .map((marker) => ({ marker, at: this.#tail.indexOf(marker) }))
      .filter(({ at }) => at >= 0)
      .toSorted((a, b) => a.at - b.at)[0];
    if (found === undefined) return false;
    this.#tail = this.#tail.slice(found.at + found.marker.length);
    if (this.#inThought || found.marker === open) {
      this.#inThought = !this.#inThought;
      return true;
    }
    this.#arm(this.#tail);
    return false;
  }

  /** Tells tokens that were written into the reply without sampling. */
  force(tokens: readonly Token[], text: string): void {
    if (this.#state === undefined) this.observe(text);
    else this.#accept(tokens);
  }

  /** Stays asleep where the text behind the trigger, which came with it in one token, is not what the grammar says. */
  #arm(rest: string): void {
    const { llama, model, vocabulary } = this.#model;
    this.#state = new llama.addon.AddonGrammarEvaluationState(model, this.#grammar);
    try {
      if (rest !== "") this.#accept(vocabulary.tokenize(rest, false));
    } catch {
      this.#state = undefined;
    }
  }

  #accept(tokens: readonly Token[]): void {
    const { AddonSampler } = this.#model.llama.addon;
    for (const token of tokens) {
      if (this.#state !== undefined) AddonSampler.acceptGrammarEvaluationStateToken(this.#state, token);
    }
  }
}
