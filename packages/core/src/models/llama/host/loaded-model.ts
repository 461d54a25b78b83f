import type { Llama, LlamaContext, LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";

import { TrustError } from "../../../protocol/errors.ts";
import type { HostLoad, HostModel, HostSegment } from "../../../protocol/host.ts";
import { type GgufHeader, readGgufHeader } from "../../gguf/index.ts";
import { GrammarCache } from "./armed-grammar.ts";
import type { LlamaLog } from "./llama-log.ts";
import { loadError } from "./load-errors.ts";

/** The window when nobody asked for one: enough for real work, small enough for a laptop. */
const defaultContextSize = 16_384;
const largestBatch = 512;
/**
 * Up to this width llama.cpp's flash attention on a CPU, fast only for batches of 64 and more, is slower than
 * plain attention by far: threefold for each token that is written after 1,500, seventeenfold for small prompts.
 */
const plainAttentionWidth = 512;

/** A model in memory with the one sequence that this protocol version offers. */
export interface LoadedModel {
  llama: Llama;
  model: LlamaModel;
  context: LlamaContext;
  sequence: LlamaContextSequence;
  grammars: GrammarCache;
  info: HostModel;
}

export interface LoadOptions {
  signal: AbortSignal;
  /** Where llama.cpp's own words about the load arrive. */
  log: LlamaLog;
  onProgress: (fraction: number) => void;
}

/**
 * Checks the file with our own header reader first: llama.cpp aborts the process on some broken files. Throws
 * MODEL_INVALID for a file that cannot be used, MODEL_FAILED when memory does not suffice.
 */
export async function loadModel(llama: Llama, request: HostLoad, options: LoadOptions): Promise<LoadedModel> {
  const { signal, log } = options;
  const header = readGgufHeader(request.path);
  if (!header.ok) throw header.error;
  const contextSize = chooseContextSize(request.contextSize, header.value);
  log.take();
  try {
    const model = await openModel(llama, request.path, options);
    const context = await createContext(model, contextSize, header.value);
    const info = describeModel(request.path, header.value, model, contextSize, llama.gpu);
    return { llama, model, context, sequence: context.getSequence(), grammars: new GrammarCache(llama), info };
  } catch (error) {
    signal.throwIfAborted();
    throw loadError(error, { path: request.path, contextSize, logged: log.take() });
  }
}

function openModel(llama: Llama, modelPath: string, { signal, onProgress }: LoadOptions): Promise<LlamaModel> {
  const cpu = llama.gpu === false;
  return llama.loadModel({
    modelPath,
    gpuLayers: cpu ? 0 : "auto",
    useMmap: true,
    loadSignal: signal,
    onLoadProgress: onProgress,
    // On a CPU mapped weights need no reservation; on a GPU the library's check prevents an abort.
    ignoreMemorySafetyChecks: cpu,
  });
}

async function createContext(model: LlamaModel, contextSize: number, header: GgufHeader): Promise<LlamaContext> {
  const cpu = model.llama.gpu === false;
  try {
    return await model.createContext({
      sequences: 1,
      contextSize,
      batchSize: Math.min(contextSize, largestBatch),
      flashAttention: cpu && header.embeddingLength <= plainAttentionWidth ? false : "auto",
      ignoreMemorySafetyChecks: cpu,
    });
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

function chooseContextSize(asked: number | undefined, header: GgufHeader): number {
  if (asked !== undefined && asked > header.contextLength) {
    throw new TrustError(
      "MODEL_INVALID",
      `a context of ${asked} tokens was asked for, but the model was made for ${header.contextLength}`,
      { hint: `trust config set context.size ${header.contextLength}` },
    );
  }
  return asked ?? Math.min(header.contextLength, defaultContextSize);
}

// oxlint-disable-next-line max-params -- five facts of one load, used once
function describeModel(
  path: string,
  header: GgufHeader,
  model: LlamaModel,
  contextSize: number,
  gpu: string | false,
): HostModel {
  return {
    name: header.name ?? path,
    architecture: header.architecture,
    contextSize,
    trainedContextSize: header.contextLength,
    sizeBytes: header.sizeBytes,
    ...(header.chatTemplate === undefined ? {} : { chatTemplate: header.chatTemplate }),
    specialTokens: header.specialTokens,
    bosToken: model.tokens.bosString ?? "",
    eosToken: model.tokens.eosString ?? "",
    backend: gpu === false ? "cpu" : gpu,
  };
}

export async function unloadModel(loaded: LoadedModel): Promise<void> {
  await loaded.context.dispose();
  await loaded.model.dispose();
}

/** Tokenises each segment alone, so that text can never complete a control token. */
export function tokenizePrompt(model: LlamaModel, prompt: readonly HostSegment[]): Token[] {
  const tokens: Token[] = [];
  const sentencePiece = model.vocabularyType === "spm";
  for (const [index, segment] of prompt.entries()) {
    const inner = index > 0 && sentencePiece ? "trimLeadingSpace" : undefined;
    for (const token of model.tokenize(segment.text, segment.kind === "control", inner)) tokens.push(token);
  }
  const { bos, shouldPrependBosToken } = model.tokens;
  if (shouldPrependBosToken && bos !== null && tokens[0] !== bos) tokens.unshift(bos);
  return tokens;
}
