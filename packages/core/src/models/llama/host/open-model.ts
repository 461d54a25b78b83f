import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import type { LoadPlan, ModelFacts } from "../../../hardware/index.ts";
import { TrustError } from "../../../protocol/errors.ts";
import type { HostLoad } from "../../../protocol/host.ts";
import type { GgufHeader } from "../../gguf/index.ts";
import type { Llama } from "./addon.ts";
import { calibrate } from "./calibrate.ts";
import { CrashJournal } from "./crash-journal.ts";
import { openDraftModel } from "./draft-model.ts";
import { planFor } from "./load-plan.ts";
import {
  attempted,
  checkedHeader,
  type ChatModel,
  describeModel,
  loadChatModel,
  type LoadOptions,
  openContext,
  openWeights,
} from "./loaded-model.ts";
import type { Opening, OpenModel, VectorModel } from "./model-pool.ts";
import { PrefixStore, stateKey } from "./prefix-store.ts";
import type { Rewind } from "./slot.ts";
import type { StateStore } from "./state-keeper.ts";
import type { HostThreads, ModelThreads } from "./threads.ts";
import { createVectorModel } from "./vector-model.ts";
import { Vocabulary } from "./vocabulary.ts";
import { weightsDigest } from "./weights-digest.ts";

/** The version of the library whose binary writes the states: another one may lay them out differently. */
const library = "node-llama-cpp 3.21.1";
/** A model is measured when nobody used it for this long. */
const quietMilliseconds = 3000;

interface Place extends Opening {
  header: GgufHeader;
  facts: ModelFacts;
  plan: LoadPlan;
  threads: HostThreads;
  stateDirectory: string | undefined;
}

/** Opens models for a pool: plans where their memory goes, loads them, and gives them their states on disk. */
export function createModelOpener(threads: HostThreads, stateDirectory: string | undefined): OpenModel {
  return async (llama, request, opening) => {
    const journal = stateDirectory === undefined ? undefined : new CrashJournal(stateDirectory);
    const failedGpuLayers = journal?.failures(request.path) ?? [];
    const { plan, facts, header } = planFor(llama, request, { residents: opening.residents, failedGpuLayers });
    const place = { ...opening, header, facts, plan, threads, stateDirectory };
    const { use = "chat" } = request;
    if (use !== "chat") return { use, model: await openVectorModel(llama, request, place) };
    const noted = plan.gpuLayers > 0 ? journal?.begin(request.path, plan.gpuLayers) : undefined;
    return { use, model: closing(await openChat(llama, request, place), () => noted?.[Symbol.dispose]()) };
  };
}

/** The model, with something that is done when its end begins: saving its states may take until the process is killed. */
function closing(model: ChatModel, first: () => void): ChatModel {
  return {
    ...model,
    close: () => {
      first();
      return model.close();
    },
  };
}

async function openChat(llama: Llama, request: HostLoad, place: Place): Promise<ChatModel> {
  const { facts, plan, threads, stateDirectory } = place;
  const key = `${facts.architecture} ${facts.weightsBytes} ${plan.kvType} ${plan.gpuLayers}`;
  const governed = threads.forModel(key, request.threads);
  const life = new AbortController();
  let isBusy = (): boolean => true;
  const store =
    stateDirectory === undefined ? undefined : openStore(request, place, () => isBusy(), stateDirectory, life.signal);
  const model = await loadChatModel(llama, request, {
    ...place,
    rewind: rewindOf(facts),
    store,
    threads: () => governed.now(),
    ...(request.draft === undefined ? {} : { openDraft: draftOpener(llama, request.draft, place, governed) }),
  });
  isBusy = () => model.loop.busy > 0;
  if (request.threads === undefined) void measure(model, { threads, governed, key, signal: life.signal });
  return closing(model, () => life.abort());
}

function draftOpener(llama: Llama, path: string, place: Place, governed: ModelThreads): LoadOptions["openDraft"] {
  return async (target) => {
    const { contextSize } = place.plan;
    const request = { type: "load", request: 0, path, contextSize } as const;
    const header = checkedHeader(path);
    const wanted = { ...request, contextSize: Math.min(contextSize, header.contextLength) };
    const { plan } = planFor(llama, wanted, { residents: [...place.residents, place.plan], failedGpuLayers: [] });
    const weights = await openWeights(llama, wanted, { ...place, plan });
    return await openDraftModel(weights, target, { ...plan, threads: () => governed.now() });
  };
}

/** States on disk, from the moment that the weights' digest is known. */
// oxlint-disable-next-line max-params -- what a state's name depends on
function openStore(
  request: HostLoad,
  { header, plan }: Place,
  isBusy: () => boolean,
  stateDirectory: string,
  signal: AbortSignal,
): StateStore {
  let store: PrefixStore | undefined;
  const open = async (): Promise<void> => {
    const digest = (path: string) => weightsDigest(path, { directory: stateDirectory, isBusy, signal });
    const weights = await digest(request.path);
    const adapters = [];
    for (const { path, scale } of request.adapters ?? []) adapters.push(`${scale} ${await digest(path)}`);
    const { contextSize, kvType, flashAttention } = plan;
    const { chatTemplate: template } = header;
    const key = stateKey({ weights, template, contextSize, kvType, flashAttention, adapters, library });
    store = new PrefixStore(join(stateDirectory, "prefixes"), key);
  };
  // Without a digest there are no states: everything is read as if for the first time.
  const opened = open().catch(() => undefined);
  return {
    get isReady() {
      return store !== undefined;
    },
    ready: () => opened,
    find: async (...wanted) => store?.find(...wanted),
    restore: async (...place) => (await store?.restore(...place)) ?? false,
    save: async (...place) => store?.save(...place),
    remove: (file) => store?.remove(file),
  };
}

function rewindOf({ memory, slidingWindow, layers }: ModelFacts): Rewind {
  if (memory === "recurrent" || memory === "hybrid") return { kind: "checkpoints" };
  const hasWindow = slidingWindow !== undefined && layers.some(({ attention }) => attention === "window");
  return hasWindow ? { kind: "window", tokens: slidingWindow } : { kind: "free" };
}

/** Finds the best number of threads once, in two quiet seconds. */
async function measure(
  { loop }: ChatModel,
  {
    threads,
    governed,
    key,
    signal,
  }: { threads: HostThreads; governed: ModelThreads; key: string; signal: AbortSignal },
): Promise<void> {
  let quiet = 0;
  for (;;) {
    const counts = threads.unmeasured(key);
    if (counts.length === 0) return;
    await setTimeout(quietMilliseconds, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    quiet = loop.busy > 0 ? 0 : quiet + 1;
    if (quiet < 2) continue;
    const measured = await calibrate(loop, counts).catch(() => "impossible" as const);
    if (measured === "impossible") return;
    if (measured === undefined) continue;
    const best = threads.record(key, measured);
    if (best !== undefined) governed.calibrated(best);
    return;
  }
}

async function openVectorModel(llama: Llama, request: HostLoad, place: Place): Promise<VectorModel> {
  const { header, plan, threads, id } = place;
  if (request.use === "ranking" && !header.ranks) throw ranksNot(request.path);
  const governed = threads.forModel("", request.threads);
  return await attempted(llama, request, place, async () => {
    const weights = await openWeights(llama, request, place);
    const contextSize = Math.min(plan.contextSize, header.contextLength);
    // The whole text is one batch: some of these models look at what follows, too.
    const context = await openContext(weights, {
      contextSize,
      batchSize: contextSize,
      sequences: 1,
      threads: plan.threads,
      flashAttention: plan.flashAttention,
      embeddings: true,
      ranking: request.use === "ranking",
    });
    const vocabulary = new Vocabulary(weights.model);
    return createVectorModel({
      info: describeModel(request.path, header, vocabulary, { id, plan, backend: llama.backend }),
      memory: plan,
      vocabulary,
      context,
      appendsEnd: weights.model.shouldAppendEosToken(),
      threads: () => governed.now(),
      free: () => weights.model.dispose(),
    });
  });
}

const ranksNot = (path: string): TrustError =>
  new TrustError("MODEL_INVALID", `${path} was not trained to score texts`, {
    hint: "choose a reranking model, such as a bge-reranker",
  });
