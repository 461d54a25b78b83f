import { readMachine } from "../../hardware/index.ts";
import type { ModelInfo } from "../../ports/model.ts";
import { TrustError } from "../../protocol/errors.ts";
import { trainedWindow, windowFor } from "./model-window.ts";
import type { OllamaClient } from "./ollama-client.ts";
import type { RunningModels, ShownModel } from "./wire.ts";

/** What is known once a model is loaded. */
export interface Loaded {
  info: ModelInfo;
  shown: ShownModel;
}

interface Wish {
  model: string;
  contextSize?: number;
  offline: boolean;
}

interface Loading {
  signal: AbortSignal;
  onLoad: ((fraction: number) => void) | undefined;
}

/** Takes a model into the server's memory with the window it shall have. A model that runs elsewhere needs no loading. */
export async function loadModel(client: OllamaClient, wish: Wish, loading: Loading): Promise<Loaded> {
  const { model, contextSize: chosen, offline } = wish;
  const shown = await client.show(model, loading.signal);
  const isElsewhere = Boolean(shown.remote_host);
  if (isElsewhere && offline) throw elsewhereError(model, shown);
  const wanted = windowFor(shown, { chosen, memoryBytes: readMachine().memoryBytes });
  const running = isElsewhere ? undefined : await takeIntoMemory(client, model, wanted, loading);
  const contextSize = Math.min(wanted, running?.context_length ?? wanted);
  const sizeBytes = running?.size ? { sizeBytes: running.size } : {};
  const count = shown.model_info?.["general.parameter_count"];
  const parameters = typeof count === "number" ? { parameterCount: count } : {};
  const notes = [
    ...notesOnPlace(client, model, shown),
    ...notesOnTools(model, shown),
    ...notesOnWindow({ model, shown, chosen, wanted, contextSize }),
  ];
  const local = client.isLocal && !isElsewhere;
  return { info: { id: model, name: model, contextSize, local, ...sizeBytes, ...parameters, notes }, shown };
}

async function takeIntoMemory(
  client: OllamaClient,
  model: string,
  window: number,
  { signal, onLoad }: Loading,
): Promise<RunningModels["models"][number] | undefined> {
  onLoad?.(0);
  await client.load(model, window, signal);
  onLoad?.(1);
  return runningModel(client, model, signal);
}

/** The model as it is in memory now. */
export async function runningModel(
  client: OllamaClient,
  model: string,
  signal: AbortSignal,
): Promise<RunningModels["models"][number] | undefined> {
  const { models } = await client.running(signal);
  return models.find(({ name }) => fullName(name) === fullName(model));
}

/** Ollama's names end with a tag. */
export const fullName = (name: string): string => (/:[^/]*$/.test(name) ? name : `${name}:latest`);

export const elsewhereError = (model: string, { remote_host }: ShownModel): TrustError =>
  new TrustError("OFFLINE", `${model} runs at ${remote_host ?? ""}, and offline mode is on`, {
    hint: "leave out --offline, or choose a model that runs on this machine: trust model list",
  });

function notesOnPlace(client: OllamaClient, model: string, { remote_host }: ShownModel): string[] {
  const place = remote_host || (client.isLocal ? undefined : client.host);
  return place === undefined ? [] : [`${model} runs at ${place}: text leaves this machine`];
}

/** Old versions do not tell what a model can do. */
export const callsNatively = ({ capabilities }: ShownModel): boolean => capabilities?.includes("tools") ?? true;

const notesOnTools = (model: string, shown: ShownModel): string[] =>
  callsNatively(shown) ? [] : [`Ollama has no way to give ${model} tools: its calls are read from its text`];

interface Windows {
  model: string;
  shown: ShownModel;
  chosen: number | undefined;
  wanted: number;
  contextSize: number;
}

function notesOnWindow({ model, shown, chosen, wanted, contextSize }: Windows): string[] {
  const tokens = (count: number): string => count.toLocaleString("en-US");
  const trained = trainedWindow(shown);
  const isLowered = chosen !== undefined && trained !== undefined && chosen > trained;
  return [
    ...(isLowered
      ? [`${model} was trained for ${tokens(trained)} tokens: that is its window, not ${tokens(chosen)}`]
      : []),
    ...(contextSize < wanted
      ? [`Ollama gives ${model} a window of ${tokens(contextSize)} tokens, not ${tokens(wanted)}`]
      : []),
  ];
}
