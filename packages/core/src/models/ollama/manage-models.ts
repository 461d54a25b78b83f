import type { ModelIdentity } from "../../ports/capability.ts";
import { TrustError } from "../../protocol/errors.ts";
import { textDigest } from "../capability/text-digest.ts";
import { resolveEndpoint } from "../server/endpoint.ts";
import { ServerConnection } from "../server/server-connection.ts";
import { fullName, runningModel } from "./loaded-model.ts";
import { OllamaClient } from "./ollama-client.ts";
import { ollamaError } from "./ollama-errors.ts";
import type { PullLine } from "./wire.ts";

/** A model of an Ollama server, and what a person allows. */
export interface OllamaModelPlace {
  /** Where Ollama listens, such as `http://127.0.0.1:11434`. */
  url: string;
  model: string;
  /** Refuse a server that is not on this machine, and everything that has the server go beyond it. */
  offline: boolean;
  /** The person named this server, so it may be elsewhere. */
  allowRemote: boolean;
}

/** In bytes, of the parts of which the size is known so far; `status` in Ollama's words. */
export interface PullProgress {
  status: string;
  done: number;
  total: number;
}

/**
 * Has the server fetch a model. What was fetched stays when it ends early, also by an abort, and is not fetched again.
 * Throws OFFLINE, MODEL_MISSING, or what the server says.
 */
export async function pullOllamaModel(
  place: OllamaModelPlace,
  signal: AbortSignal,
  onProgress?: (progress: PullProgress) => void,
): Promise<void> {
  if (place.offline) {
    throw new TrustError("OFFLINE", "Ollama fetches models from the network, and offline mode is on", {
      hint: "leave out --offline, or use what trust model list shows",
    });
  }
  const parts = new Map<string, { done: number; total: number }>();
  await withClient(place, hourSeconds, async (client) => {
    for await (const line of client.pull(place.model, signal)) onProgress?.(progressOf(line, parts));
  });
}

function progressOf(
  { status, digest, total, completed }: PullLine,
  parts: Map<string, { done: number; total: number }>,
): PullProgress {
  if (digest && total) parts.set(digest, { done: completed ?? 0, total });
  const sum = (of: "done" | "total"): number =>
    Array.from(parts.values(), (part) => part[of]).reduce((a, b) => a + b, 0);
  return { status, done: sum("done"), total: sum("total") };
}

/** Takes a model out of the server's memory. False when it was not there. Throws what the server says. */
export function unloadOllamaModel(place: OllamaModelPlace, signal: AbortSignal): Promise<boolean> {
  return withClient(place, quickSeconds, async (client) => {
    const running = await runningModel(client, place.model, signal);
    if (running === undefined) return false;
    await client.unload(place.model, signal);
    return true;
  });
}

/** What makes a model of this server this one, for measurements. Throws MODEL_MISSING. */
export function ollamaIdentity(place: OllamaModelPlace, signal: AbortSignal): Promise<ModelIdentity> {
  return withClient(place, quickSeconds, async (client) => {
    const [shown, { models }, version] = await Promise.all([
      client.show(place.model, signal),
      client.list(signal),
      client.version(signal),
    ]);
    const listed = models.find(({ name }) => fullName(name) === fullName(place.model));
    const weights = `ollama:${fullName(place.model)}@${listed?.digest ?? "unknown"}`;
    return { weights, template: textDigest(shown.template ?? ""), backend: `ollama ${version}` };
  });
}

async function withClient<T>(
  { url, model, ...rules }: OllamaModelPlace,
  silenceSeconds: number,
  work: (client: OllamaClient) => Promise<T>,
): Promise<T> {
  const endpoint = resolveEndpoint(url, rules);
  await using connection = new ServerConnection(endpoint, { apiKey: undefined, silenceSeconds });
  try {
    return await work(new OllamaClient(connection));
  } catch (error) {
    throw ollamaError(error, model, endpoint);
  }
}

const quickSeconds = 30;
/** Checking a large model after its download is silent work. */
const hourSeconds = 3600;
