import { BrokenGguf } from "./bounded-reader.ts";
import { recurrentAlways } from "./layer-facts.ts";
import { type GgufArray, type GgufScalar, type GgufValue, valueTypes } from "./values.ts";

/** Token types of ggml's vocabulary that a tokenizer treats as special. */
const controlType = 3;
const userDefinedType = 4;
const tokenIdKeys = ["bos_token_id", "eos_token_id", "eot_token_id", "padding_token_id", "unknown_token_id"] as const;

/** The metadata of a GGUF file, with the checks that llama.cpp leaves to its assertions. */
export class Metadata {
  readonly #values = new Map<string, GgufValue>();

  add(key: string, value: GgufValue): void {
    if (this.#values.has(key)) throw new BrokenGguf(`its key ${key} appears twice`);
    this.#values.set(key, value);
  }

  text(key: string): string | undefined {
    const value = this.#values.get(key);
    if (value === undefined || typeof value === "string") return value;
    throw new BrokenGguf(`its value ${key} is not text`);
  }

  integer(key: string): number | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    const number = typeof value === "bigint" ? Number(value) : value;
    if (typeof number === "number" && Number.isSafeInteger(number)) return number;
    throw new BrokenGguf(`its value ${key} is not a whole number`);
  }

  /** The value when it is one number; undefined when it is missing or one a layer. */
  single(key: string): number | undefined {
    return typeof this.#values.get(key) === "object" ? undefined : this.integer(key);
  }

  /** A value that is one for all layers or a list, one a layer; undefined when it is missing, or no number. */
  perLayer(key: string): number | readonly number[] | undefined {
    const value = this.#values.get(key);
    if (typeof value !== "object") return value === undefined ? undefined : Number(value);
    return value.items?.map(Number);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  positive(key: string): number {
    const value = this.integer(key);
    if (value === undefined) throw new BrokenGguf(`its value ${key} is missing`);
    if (value <= 0 || value > 2 ** 31) throw new BrokenGguf(`its value ${key} is ${value}`);
    return value;
  }

  /** Head counts may be one number or one a layer; zero divides by zero in native code. */
  checkHeads(architecture: string, embeddingLength: number): void {
    const key = `${architecture}.attention.head_count`;
    const heads = this.single(key);
    if (heads === undefined || (heads === 0 && recurrentAlways.has(architecture))) return;
    if (heads <= 0) throw new BrokenGguf(`its value ${key} is ${heads}`);
    const ownKeyLength = this.#values.has(`${architecture}.attention.key_length`);
    if (!ownKeyLength && embeddingLength % heads !== 0) {
      throw new BrokenGguf(`its width ${embeddingLength} cannot be divided among ${heads} attention heads`);
    }
    this.#checkKeyHeads(architecture, heads);
  }

  /** Normalisation divides by it; llama.cpp asserts that it is not negative, which "not a number" fails too. */
  checkEpsilon(architecture: string): void {
    for (const name of ["layer_norm_rms_epsilon", "layer_norm_epsilon"]) {
      const value = this.#values.get(`${architecture}.attention.${name}`);
      if (value === undefined || (typeof value === "number" && value >= 0 && value < 1)) continue;
      throw new BrokenGguf(`its value ${name} is not a small number`);
    }
  }

  #checkKeyHeads(architecture: string, heads: number): void {
    const key = `${architecture}.attention.head_count_kv`;
    const keyHeads = this.single(key);
    if (keyHeads === undefined) return;
    if (keyHeads <= 0 || keyHeads > heads || heads % keyHeads !== 0) {
      throw new BrokenGguf(`its value ${key} is ${keyHeads} for ${heads} attention heads`);
    }
  }

  /** A model may be split among files; only the first of them holds the vocabulary, and names the others. */
  checkSplit(): void {
    const number = this.integer("split.no");
    if (number === undefined || number === 0) return;
    const count = this.integer("split.count") ?? "several";
    throw new BrokenGguf(`it is part ${number + 1} of ${count}; name the first part`);
  }

  vocabulary(): { size: number; specialTokens: string[]; bosToken: string | undefined; eosToken: string | undefined } {
    const tokens = this.#list("tokenizer.ggml.tokens", [valueTypes.string]);
    if (tokens === undefined) throw new BrokenGguf("it has no vocabulary, so it is not a language model");
    const texts = (tokens.items ?? []).map(String);
    if (texts.length === 0) throw new BrokenGguf("its vocabulary is empty");
    checkDistinct(texts);
    checkTokenizer(this.text("tokenizer.ggml.model"), texts);
    const types = this.#list("tokenizer.ggml.token_type", [valueTypes.i32, valueTypes.u32]);
    const scores = this.#list("tokenizer.ggml.scores", [valueTypes.f32]);
    this.#list("tokenizer.ggml.merges", [valueTypes.string]);
    for (const [what, list] of [
      ["token types", types],
      ["token scores", scores],
    ] as const) {
      if (list === undefined || list.length === texts.length) continue;
      throw new BrokenGguf(`it has ${texts.length} tokens but ${list.length} ${what}`);
    }
    this.#checkTokenIds(texts.length);
    const kinds = types?.items ?? [];
    const specialTokens = texts.filter((text, index) => text !== "" && isSpecial(kinds[index]));
    const named = (key: string): string | undefined => texts[this.integer(`tokenizer.ggml.${key}`) ?? texts.length];
    return { size: texts.length, specialTokens, bosToken: named("bos_token_id"), eosToken: named("eos_token_id") };
  }

  #checkTokenIds(size: number): void {
    for (const name of tokenIdKeys) {
      const id = this.integer(`tokenizer.ggml.${name}`);
      // The largest 32-bit number means "none".
      if (id !== undefined && id !== 0xffff_ffff && (id < 0 || id >= size)) {
        throw new BrokenGguf(`its ${name} ${id} is not in the vocabulary of ${size} tokens`);
      }
    }
  }

  #list(key: string, itemTypes: readonly number[]): GgufArray | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    if (typeof value === "object" && itemTypes.includes(value.itemType)) return value;
    throw new BrokenGguf(`its value ${key} is not a list of the right type`);
  }
}

/**
 * llama.cpp asserts it, after ending each text at its first zero byte and renaming those that are empty.
 * Bytes that are not UTF-8 all read as U+FFFD here; whether such tokens are distinct is checked while they are read.
 */
function checkDistinct(texts: readonly string[]): void {
  const seen = new Set<string>();
  for (const text of texts) {
    const [token = ""] = text.split("\0", 1);
    if (token === "" || token.includes("\uFFFD")) continue;
    if (seen.has(token)) throw new BrokenGguf(`its vocabulary holds ${JSON.stringify(token)} twice`);
    seen.add(token);
  }
}

/** Texts can be split into tokens by any other tokenizer, or llama.cpp refuses it. */
function checkTokenizer(tokenizer: string | undefined, texts: readonly string[]): void {
  if (tokenizer === "none" || tokenizer === "no_vocab") throw new BrokenGguf("it has no tokenizer");
  if (tokenizer !== "llama") return;
  // What no token spells is spelled in bytes: llama.cpp ends the process when one has no token.
  const known = new Set(texts);
  for (let byte = 0; byte < 256; byte++) {
    const name = `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
    if (!known.has(name) && !known.has(String.fromCharCode(byte))) {
      throw new BrokenGguf(`its vocabulary has no token for the byte ${name}`);
    }
  }
}

function isSpecial(kind: GgufScalar | undefined): boolean {
  return kind === controlType || kind === userDefinedType;
}
