import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { TrustError } from "../../../protocol/errors.ts";
import type { LlamaLog } from "./llama-log.ts";

export type Token = number;
export type BackendName = "cpu" | "vulkan" | "cuda" | "metal";

/**
 * The native addon of node-llama-cpp (AddonTypes.d.ts of the version that is pinned exactly), as far as the host uses
 * it. The library around it is not used: ADR 19. Asynchronous methods run on libuv's one thread.
 */
export interface Addon {
  markLoaded(): boolean;
  setLogger(logger: (level: number, message: string) => void): void;
  setLoggerLogLevel(level: number): void;
  loadBackends(folder?: string): void;
  init(): Promise<void>;
  getGpuType(): "cuda" | "vulkan" | "metal" | false | undefined;
  getGgmlType(name: string): number | undefined;
  getGpuVramInfo(): { total: number; used: number; unifiedSize: number };
  getGpuDeviceInfo(): { deviceNames: string[] };
  AddonModel: new (path: string, options: ModelOptions) => AddonModel;
  AddonModelLora: new (model: AddonModel, path: string) => AddonLora;
  AddonContext: new (model: AddonModel, options: ContextOptions) => AddonContext;
  AddonContextSequenceCheckpoint: new () => AddonCheckpoint;
  AddonSampler: (new (model: AddonModel) => AddonSampler) & {
    acceptGrammarEvaluationStateToken(state: AddonGrammarState, token: Token): void;
  };
  AddonGrammar: new (gbnf: string, options: { addonExports: Addon; rootRuleName: string }) => AddonGrammar;
  AddonGrammarEvaluationState: new (model: AddonModel, grammar: AddonGrammar) => AddonGrammarState;
  AddonJinjaRenderer: new (template: string) => { render(values: Record<string, unknown>): string };
}

interface ModelOptions {
  addonExports: Addon;
  gpuLayers: number;
  useMmap?: boolean;
  useDirectIo?: boolean;
  hasLoadAbortSignal?: boolean;
  onLoadProgress?: (fraction: number) => void;
}

export interface ContextOptions {
  contextSize: number;
  batchSize: number;
  sequences: number;
  threads: number;
  flashAttention: boolean;
  kvCacheKeyType?: number;
  kvCacheValueType?: number;
  embeddings?: boolean;
  ranking?: boolean;
}

export interface AddonModel {
  init(): Promise<boolean>;
  abortActiveModelLoad(): void;
  dispose(): Promise<void>;
  loadLora(lora: AddonLora): Promise<void>;
  tokenize(text: string, special: boolean): Uint32Array;
  detokenize(tokens: Uint32Array, special: boolean): string;
  getEmbeddingVectorSize(): number;
  tokenBos(): Token;
  tokenEos(): Token;
  sepToken(): Token;
  prefixToken(): Token;
  middleToken(): Token;
  suffixToken(): Token;
  getTokenString(token: Token): string;
  isEogToken(token: Token): boolean;
  getVocabularyType(): number;
  shouldPrependBosToken(): boolean;
  shouldAppendEosToken(): boolean;
}

export interface AddonContext {
  init(): Promise<boolean>;
  dispose(): Promise<void>;
  initBatch(size: number): void;
  /** Gives the places in the batch at which logits are computed, one for each of `logits`. */
  addToBatch(sequence: number, position: number, tokens: Uint32Array, logits: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  /** -1 when no token may follow. */
  sampleToken(place: number, sampler: AddonSampler): Promise<Token>;
  /** The token, all tokens with their probabilities in turn when asked for, and how sure the model is. */
  sampleToken(
    place: number,
    sampler: AddonSampler,
    probabilities: boolean,
    confidence: boolean,
  ): Promise<[token: Token, probabilities: number[] | undefined, confidence: number | undefined]>;
  /** False when the model's memory cannot forget just these. */
  removeTokenCellsFromSequence(sequence: number, from: number, to: number): boolean;
  disposeSequence(sequence: number): void;
  getSequenceKvCacheMinPosition(sequence: number): number;
  getSequenceKvCacheMaxPosition(sequence: number): number;
  setThreads(threads: number): void;
  getEmbedding(tokens: number): Float64Array;
  getMemoryBreakdown(): { cpuRam: number; gpuVram: number };
  ensureDraftContextIsCompatibleForSpeculative(draft: AddonContext): void;
  saveSequenceStateToFile(path: string, sequence: number, tokens: Uint32Array): Promise<number>;
  loadSequenceStateFromFile(path: string, sequence: number, most: number): Promise<Uint32Array>;
  setLoras(adapters: AddonLora[], scales: number[]): void;
  restoreCheckpoint(checkpoint: AddonCheckpoint, lastPosition: number): Promise<boolean>;
}

export interface SamplerConfig {
  temperature?: number;
  minP?: number;
  topK?: number;
  topP?: number;
  seed?: number;
  repeatPenalty?: number;
  repeatPenaltyMaxTokens?: number;
  repeatPenaltyTokens?: Uint32Array;
  repeatPenaltyPresencePenalty?: number;
  repeatPenaltyFrequencyPenalty?: number;
  grammarEvaluationState?: AddonGrammarState;
}

export interface AddonSampler {
  applyConfig(config: SamplerConfig): void;
  dispose(): void;
}

export interface AddonLora {
  dispose(): Promise<void>;
}
export interface AddonCheckpoint {
  init(context: AddonContext, sequence: number): Promise<void>;
  dispose(): void;
  readonly size: number;
}
export interface AddonGrammar {
  isTextCompatible(text: string): boolean;
}
export interface AddonGrammarState {
  readonly brand: unique symbol;
}

/** llama.cpp, loaded for one backend. */
export interface Llama {
  addon: Addon;
  backend: BackendName;
  /** The file of the addon. */
  binary: string;
  log: LlamaLog;
}

const logLevels = ["disabled", "fatal", "error", "warn", "info", "log", "debug"];
const keptLogLevel = 3;

/**
 * Loads the binary that npm installed for this machine, or the one that was fetched on consent into
 * `backendsDirectory`. Never compiles and never downloads. Throws HOST_MISSING.
 */
export async function openLlama(
  backend: BackendName | undefined,
  log: LlamaLog,
  backendsDirectory: string | undefined,
): Promise<Llama> {
  const chosen = backend ?? defaultBackend();
  const file = findBinary(chosen, backendsDirectory);
  if (file === undefined) throw noBackend(chosen);
  const addon = loadAddon(file, chosen);
  addon.markLoaded();
  addon.setLogger((level, message) => log.note(logLevels[level] ?? "log", message));
  addon.setLoggerLogLevel(keptLogLevel);
  addon.loadBackends();
  // The binaries bring one library for each kind of processor, beside them.
  if (addon.getGpuType() === undefined || chosen !== "cpu") addon.loadBackends(dirname(file));
  const gpu = addon.getGpuType();
  if (chosen !== "cpu" && gpu !== chosen) throw noBackend(chosen);
  await addon.init();
  return { addon, backend: chosen, binary: file, log };
}

const defaultBackend = (): BackendName => (process.platform === "darwin" && process.arch === "arm64" ? "metal" : "cpu");

function loadAddon(file: string, backend: BackendName): Addon {
  try {
    return createRequire(import.meta.url)(file) as Addon;
  } catch (cause) {
    throw noBackend(backend, cause);
  }
}

/**
 * Undefined when it is not installed. It is where npm puts `@node-llama-cpp/<name>`: beside node-llama-cpp or inside it.
 * @internal
 */
export function findBinary(backend: BackendName, backendsDirectory: string | undefined): string | undefined {
  const name = binaryName(backend);
  const require = createRequire(import.meta.url);
  const beside = require.resolve.paths(`@node-llama-cpp/${name}`) ?? [];
  const inside = beside.map((folder) => join(folder, "node-llama-cpp", "node_modules"));
  const fetched = backendsDirectory === undefined ? [] : [join(backendsDirectory, "node_modules")];
  return [...fetched, ...beside, ...inside]
    .map((folder) => join(folder, "@node-llama-cpp", name, "bins", name, "llama-addon.node"))
    .find((file) => existsSync(file));
}

function binaryName(backend: BackendName): string {
  const platform = { win32: "win", darwin: "mac" }[process.platform as string] ?? process.platform;
  const architecture = process.arch === "arm" ? "armv7l" : process.arch;
  return backend === "cpu" ? `${platform}-${architecture}` : `${platform}-${architecture}-${backend}`;
}

function noBackend(chosen: BackendName, cause?: unknown): TrustError {
  const message = `no llama.cpp binary for ${chosen} runs on this machine: it is not installed, or its driver is missing`;
  const gpu = chosen === "vulkan" || chosen === "cuda";
  const hint = gpu ? `trust host backend install ${chosen}, or trust config set host.backend cpu` : "npm ci";
  return new TrustError("HOST_MISSING", message, { hint, cause });
}
