import type { FoundModel, FoundServer } from "@trust-cli/core/models/detect";
import { TrustError } from "@trust-cli/core/protocol";

import { type ListPlace, ollamaAddresses, placeOf } from "./model-list.ts";

/** A model of a server on this machine. Lengths in tokens; what the server does not tell is absent. */
export interface DetectedModel {
  /** What `-m` takes. */
  reference: string;
  name: string;
  sizeBytes?: number;
  /** The window that it has now, or would have here. */
  contextSize?: number;
  /** How long texts it was trained for. */
  trainedFor?: number;
  isRunning: boolean;
  /** No text leaves this machine. */
  local: boolean;
}

export interface DetectedServer {
  kind: FoundServer["kind"];
  name: string;
  url: string;
  models: DetectedModel[];
}

/** Asking Ollama for one model takes it a moment. */
const mostAsked = 100;

/** The servers that answer on this machine, with what they themselves say of their models. */
export async function detectServers(place: ListPlace, signal: AbortSignal): Promise<DetectedServer[]> {
  const { findServers } = await import("@trust-cli/core/models/detect");
  const servers = await findServers({ ollama: ollamaAddresses(place.environment) }, signal);
  return Promise.all(
    servers.map(async (server) => {
      const { kind, name, url } = server;
      const models = await Promise.all(
        server.models.map((model, index) => detected(server, model, index, place, signal)),
      );
      return { kind, name, url, models };
    }),
  );
}

// oxlint-disable-next-line max-params -- a model, its server and who asks
async function detected(
  server: FoundServer,
  model: FoundModel,
  index: number,
  { config, environment }: ListPlace,
  signal: AbortSignal,
): Promise<DetectedModel> {
  const { reference, local } = placeOf(server, model, environment);
  const { name, sizeBytes, contextSize, isRunning = false } = model;
  const found = {
    reference,
    name,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(contextSize === undefined ? {} : { contextSize }),
    isRunning,
    local,
  };
  if (server.kind !== "ollama" || !local || index >= mostAsked) return found;
  const chosen = config.context.size === undefined ? {} : { contextSize: config.context.size };
  return { ...found, ...(await ollamaWindows({ url: server.url, model: name, ...chosen }, signal)) };
}

async function ollamaWindows(
  model: { url: string; model: string; contextSize?: number },
  signal: AbortSignal,
): Promise<Pick<DetectedModel, "contextSize" | "trainedFor">> {
  const { showOllamaModel } = await import("@trust-cli/core/models/ollama");
  try {
    const shown = await showOllamaModel({ ...model, offline: true, allowRemote: false }, signal);
    const { trainedFor, contextSize, loadedWindow } = shown;
    return { contextSize: loadedWindow ?? contextSize, ...(trainedFor === undefined ? {} : { trainedFor }) };
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return {};
  }
}
