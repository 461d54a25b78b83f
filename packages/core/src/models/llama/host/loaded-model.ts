import { setImmediate } from "node:timers/promises";

import type { LoadPlan, ResidentMemory } from "../../../hardware/index.ts";
import { TrustError } from "../../../protocol/errors.ts";
import type { HostLoad, HostModel } from "../../../protocol/host.ts";
import { type GgufHeader, readGgufHeader } from "../../gguf/index.ts";
import type { AddonContext, AddonLora, AddonModel, ContextOptions, Llama } from "./addon.ts";
import { GrammarCache, type GrammarModel } from "./armed-grammar.ts";
import { DecodeLoop } from "./decode-loop.ts";
import type { DraftModel } from "./draft-model.ts";
import type { Drafter } from "./job.ts";
import { loadError } from "./load-errors.ts";
import { NgramDrafter } from "./ngram-drafter.ts";
import type { Rewind } from "./slot.ts";
import { StateKeeper, type StateStore } from "./state-keeper.ts";
import { Vocabulary } from "./vocabulary.ts";

/** A model that writes text, in memory with its sequences. */
export interface ChatModel extends GrammarModel {
  info: HostModel;
  memory: ResidentMemory;
  grammars: GrammarCache;
  loop: DecodeLoop;
  drafter(): Drafter;
  /** Saves the states of its sequences, and frees all memory. */
  close(): Promise<void>;
}

export interface LoadOptions {
  id: number;
  header: GgufHeader;
  plan: LoadPlan;
  rewind: Rewind;
  store: StateStore | undefined;
  threads: () => number;
  /** Opens the small model that guesses for this one. */
  openDraft?: ((target: AddonContext) => Promise<DraftModel>) | undefined;
  signal: AbortSignal;
  onProgress(fraction: number): void;
}

/** A file with its weights in memory. */
export interface Weights {
  llama: Llama;
  model: AddonModel;
  adapters: { adapter: AddonLora; scale: number }[];
}

/** Checks the file with our own header reader first: llama.cpp aborts the process on some broken files. */
export function checkedHeader(path: string): GgufHeader {
  const header = readGgufHeader(path);
  if (!header.ok) throw header.error;
  return header.value;
}

/** Throws MODEL_INVALID for a file that cannot be used, MODEL_FAILED when memory does not suffice. */
export async function loadChatModel(llama: Llama, request: HostLoad, options: LoadOptions): Promise<ChatModel> {
  const { header, plan } = options;
  return await attempted(llama, request, options, async () => {
    const weights = await openWeights(llama, request, options);
    const context = await openContext(weights, contextOptions(llama, plan));
    const vocabulary = new Vocabulary(weights.model);
    const { rewind, store, threads } = options;
    const textOf = vocabulary.detokenize.bind(vocabulary);
    const { sequences, contextSize, batchSize } = plan;
    const draft = await options.openDraft?.(context);
    const loop = new DecodeLoop({
      llama,
      context,
      sequences,
      contextSize,
      batchSize,
      rewind,
      states: new StateKeeper(context, store, plan.kvBytes / (contextSize * sequences)),
      threads,
      textOf,
    });
    return {
      llama,
      model: weights.model,
      vocabulary,
      grammars: new GrammarCache(llama),
      loop,
      memory: plan,
      info: describeModel(request.path, header, vocabulary, { id: options.id, plan, backend: llama.backend }),
      drafter: () => draft?.drafter() ?? new NgramDrafter(),
      async close() {
        await loop.close();
        await draft?.close();
        await context.dispose();
        await weights.model.dispose();
      },
    };
  });
}

/** Runs a load, and says in words why it failed. */
export async function attempted<T>(
  llama: Llama,
  request: HostLoad,
  { signal, plan }: Pick<LoadOptions, "signal" | "plan">,
  load: () => Promise<T>,
): Promise<T> {
  llama.log.take();
  try {
    return await load();
  } catch (error) {
    signal.throwIfAborted();
    // llama.cpp's words come through the event loop, after its exception.
    await setImmediate();
    throw loadError(error, { path: request.path, contextSize: plan.contextSize, logged: llama.log.take() });
  }
}

export async function openWeights(
  llama: Llama,
  request: HostLoad,
  { plan, signal, onProgress }: Pick<LoadOptions, "plan" | "signal" | "onProgress">,
): Promise<Weights> {
  const { addon } = llama;
  const { gpuLayers, useMmap, useDirectIo } = plan;
  const model = new addon.AddonModel(request.path, {
    addonExports: addon,
    gpuLayers,
    useMmap,
    useDirectIo,
    hasLoadAbortSignal: true,
    onLoadProgress: onProgress,
  });
  const abort = (): void => model.abortActiveModelLoad();
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    if (!(await model.init())) throw new Error("failed to load model");
    const adapters: Weights["adapters"] = [];
    for (const { path, scale } of request.adapters ?? []) {
      const adapter = new addon.AddonModelLora(model, path);
      await model.loadLora(adapter);
      adapters.push({ adapter, scale });
    }
    return { llama, model, adapters };
  } catch (error) {
    await model.dispose();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

export async function openContext({ llama, model, adapters }: Weights, options: ContextOptions): Promise<AddonContext> {
  const context = new llama.addon.AddonContext(model, options);
  try {
    if (!(await context.init())) throw new Error("failed to create the context");
    if (adapters.length > 0) {
      context.setLoras(
        adapters.map(({ adapter }) => adapter),
        adapters.map(({ scale }) => scale),
      );
    }
    return context;
  } catch (error) {
    await context.dispose();
    await model.dispose();
    throw error;
  }
}

/** llama.cpp divides a context among its sequences; each shall have the whole window. */
function contextOptions({ addon }: Llama, plan: LoadPlan): ContextOptions {
  const { contextSize, sequences, batchSize, threads, flashAttention } = plan;
  const type = addon.getGgmlType(plan.kvType.toUpperCase());
  if (type === undefined) throw new TrustError("MODEL_FAILED", `llama.cpp has no KV cache of type ${plan.kvType}`);
  return {
    contextSize: contextSize * sequences,
    sequences,
    batchSize,
    threads,
    flashAttention,
    kvCacheKeyType: type,
    kvCacheValueType: type,
  };
}

// oxlint-disable-next-line max-params -- four sides of one description
export function describeModel(
  path: string,
  header: GgufHeader,
  vocabulary: Vocabulary,
  { id, plan, backend }: { id: number; plan: LoadPlan; backend: string },
): HostModel {
  const { gpuLayers, sequences, kvType, batchSize, flashAttention, threads, ramBytes, vramBytes, reasons } = plan;
  return {
    id,
    name: header.name ?? path,
    architecture: header.architecture,
    contextSize: plan.contextSize,
    trainedContextSize: header.contextLength,
    sizeBytes: header.sizeBytes,
    ...(header.chatTemplate === undefined ? {} : { chatTemplate: header.chatTemplate }),
    specialTokens: header.specialTokens,
    bosToken: vocabulary.text(vocabulary.bos),
    eosToken: vocabulary.text(vocabulary.eos),
    backend,
    infill: vocabulary.infill !== undefined,
    plan: {
      gpuLayers,
      sequences,
      kvType,
      batchSize,
      flashAttention,
      threads,
      ramBytes,
      vramBytes,
      reasons: [...reasons],
    },
  };
}
