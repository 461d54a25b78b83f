import type { LayerFacts } from "../../hardware/index.ts";
import type { Keys } from "./keys.ts";

/** How an architecture's layers alternate in llama.cpp when the file gives no list: full attention once a period. */
interface WindowPattern {
  period: number;
  /** The first layer of a period has full attention, not the last. */
  fullFirst?: true;
  /** Used whatever the file says. */
  window?: number;
  /** Used when the file says nothing. */
  usualWindow?: number;
}

/**
 * Architectures whose sliding window llama.cpp honours (src/models). All others, Phi-3, Mistral and Qwen2 among them,
 * keep every token, whatever their file says.
 */
const windowPatterns: Readonly<Record<string, WindowPattern>> = {
  afmoe: { period: 4 },
  cohere2: { period: 4 },
  cohere2moe: { period: 4, fullFirst: true },
  "exaone-moe": { period: 4, usualWindow: 128 },
  exaone4: { period: 4, usualWindow: 4096 },
  "gemma-embedding": { period: 6 },
  gemma2: { period: 2, usualWindow: 4096 },
  gemma3: { period: 6 },
  gemma3n: { period: 5 },
  gemma4: { period: 6 },
  "gpt-oss": { period: 2 },
  granite_swa: { period: 4 },
  laguna: { period: 4, fullFirst: true },
  llama4: { period: 4, window: 8192 },
  mellum: { period: 4 },
  mimo2: { period: 6 },
  "muse-glimmer": { period: 4 },
  olmo2: { period: 4 },
  plamo3: { period: 8 },
  smallthinker: { period: 4, fullFirst: true, window: 4096 },
  step35: { period: 4 },
};

/** Layers without attention heads that keep keys are recurrent in these. */
const recurrentWithoutKeys = new Set([
  "bailingmoe3",
  "granitehybrid",
  "jamba",
  "kimi-k3",
  "kimi-linear",
  "lfm2",
  "lfm2moe",
  "nemotron_h",
  "nemotron_h_moe",
  "plamo2",
]);
/** All layers but every n-th are recurrent in these. */
const recurrentByInterval = new Set(["minimax-01", "qwen35", "qwen35moe", "qwen3next", "qwen4exp"]);
/** They have no attention at all, and their files say that they have no heads. */
export const recurrentAlways: ReadonlySet<string> = new Set([
  "arwkv7",
  "mamba",
  "mamba2",
  "rwkv6",
  "rwkv6qwen2",
  "rwkv7",
]);
const recurrentBesideAttention = new Set(["falcon-h1"]);
/** Encoders and diffusion models compute a text as a whole and keep nothing. */
const keepsNothing = new Set([
  "bert",
  "dream",
  "eurobert",
  "gemma-embedding",
  "jina-bert-v2",
  "jina-bert-v3",
  "llada",
  "llada-moe",
  "modern-bert",
  "neo-bert",
  "nomic-bert",
  "nomic-bert-moe",
  "rnd1",
]);
/** Of 30 and more layers only the first 20 of Gemma 3n keep keys and values. */
const layersWithCache: Readonly<Record<string, number>> = { gemma3n: 20 };

/** The window that llama.cpp will use; undefined when every layer sees everything. */
export function slidingWindow(keys: Keys): number | undefined {
  if (keys.architecture.startsWith("lfm2")) return keys.number("attention.sliding_window") || undefined;
  const pattern = windowPatterns[keys.architecture];
  if (pattern === undefined) return undefined;
  // Of the family only the large model has one.
  if (keys.architecture === "exaone4" && keys.number("block_count") !== 64) return undefined;
  const said = keys.number("attention.sliding_window") ?? pattern.usualWindow;
  if (said === 0) return undefined;
  return pattern.window ?? said;
}

export function layerFacts(keys: Keys, index: number, bytes: number): LayerFacts {
  const recurrent = isRecurrent(keys, index);
  const heads = keys.perLayer("attention.head_count", index) ?? 0;
  const ownKeys = keys.perLayer("attention.head_count_kv", index) ?? heads;
  const attends =
    !recurrentAlways.has(keys.architecture) && heads > 0 && ownKeys > 0 && !replacesAttention(keys, recurrent);
  const attention = attends ? attentionOf(keys, index, recurrent) : "none";
  const shared = keepsNothing.has(keys.architecture) || index >= firstShared(keys);
  return {
    bytes,
    heads: attends ? heads : 0,
    keyValueHeads: attends && !shared ? ownKeys : 0,
    ...headWidths(keys, attention === "window"),
    attention,
    recurrent,
  };
}

export function memoryKind(keys: Keys, layers: readonly LayerFacts[]): "attention" | "recurrent" | "hybrid" | "none" {
  if (keepsNothing.has(keys.architecture)) return "none";
  if (!layers.some(({ recurrent }) => recurrent)) return "attention";
  return layers.some(({ attention }) => attention !== "none") ? "hybrid" : "recurrent";
}

/** Elements of four bytes, by the formulas of llama.cpp's hparams. */
export function stateBytes(keys: Keys): number {
  const value = (name: string): number => keys.number(name) ?? 0;
  const width = value("embedding_length");
  const heads = keys.perLayer("attention.head_count", 0) ?? 0;
  const wkv = value("wkv.head_size");
  if (wkv > 0) return 4 * ((keys.number("token_shift_count") ?? 2) * width + width * wkv);
  const shortConvolution = value("shortconv.l_cache");
  if (shortConvolution > 0) return 4 * width * (shortConvolution - 1);
  const kernel = value("ssm.conv_kernel");
  const delta = value("kda.head_dim");
  if (delta > 0) return 4 * (3 * ((kernel || 4) - 1) * heads * delta + delta * delta * heads);
  const inner = value("ssm.inner_size");
  const state = value("ssm.state_size");
  return 4 * (Math.max(0, kernel - 1) * (inner + 2 * value("ssm.group_count") * state) + state * inner);
}

function headWidths(keys: Keys, window: boolean): Pick<LayerFacts, "keyWidth" | "valueWidth"> {
  const heads = keys.perLayer("attention.head_count", 0) ?? 0;
  const usual = heads === 0 ? 0 : Math.floor((keys.number("embedding_length") ?? 0) / heads);
  const width = (name: "key_length" | "value_length"): number => {
    const ofWindow = window ? keys.number(`attention.${name}_swa`) : undefined;
    return ofWindow ?? keys.number(`attention.${name}`) ?? usual;
  };
  const latent = keys.has("attention.key_length_mla") && keys.has("attention.value_length_mla");
  return { keyWidth: width("key_length"), valueWidth: latent ? 0 : width("value_length") };
}

function isRecurrent(keys: Keys, index: number): boolean {
  const { architecture } = keys;
  if (recurrentAlways.has(architecture) || recurrentBesideAttention.has(architecture)) return true;
  if (recurrentWithoutKeys.has(architecture)) {
    const forward = architecture.startsWith("nemotron") ? keys.perLayer("feed_forward_length", index) : 0;
    return keys.perLayer("attention.head_count_kv", index) === 0 && forward === 0;
  }
  if (!recurrentByInterval.has(architecture)) return false;
  const listed = keys.list("attention.recurrent_layers");
  if (listed !== undefined) return (listed[index] ?? 0) !== 0;
  const interval = keys.number("full_attention_interval") ?? 4;
  return interval === 0 || (index + 1) % interval !== 0;
}

const replacesAttention = ({ architecture }: Keys, recurrent: boolean): boolean =>
  recurrent && !recurrentBesideAttention.has(architecture);

function attentionOf(keys: Keys, index: number, recurrent: boolean): "full" | "window" {
  if (slidingWindow(keys) === undefined) return "full";
  if (keys.architecture.startsWith("lfm2")) return recurrent ? "full" : "window";
  const listed = keys.list("attention.sliding_window_pattern");
  if (listed !== undefined) return (listed[index] ?? 0) === 0 ? "full" : "window";
  return isFullByPeriod(keys, index) ? "full" : "window";
}

function isFullByPeriod(keys: Keys, index: number): boolean {
  const { period: usual, fullFirst = false } = windowPatterns[keys.architecture] ?? { period: 1 };
  const period = keys.number("attention.sliding_window_pattern") ?? usual;
  return period > 0 && index % period === (fullFirst ? 0 : period - 1);
}

function firstShared(keys: Keys): number {
  const shared = keys.number("attention.shared_kv_layers");
  if (shared !== undefined) return (keys.number("block_count") ?? 0) - shared;
  return layersWithCache[keys.architecture] ?? Number.POSITIVE_INFINITY;
}
