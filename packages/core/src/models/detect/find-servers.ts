import * as z from "zod";

import { isLoopbackHost } from "../../protocol/loopback.ts";
import { isOllamaName } from "../catalog/model-reference.ts";
import { resolveEndpoint } from "../server/endpoint.ts";
import { ModelList, windowsOf } from "../server/listed-model.ts";
import { ServerConnection } from "../server/server-connection.ts";

export interface FoundModel {
  name: string;
  sizeBytes?: number;
  /** In tokens, where the server tells it. */
  contextSize?: number;
  isRunning?: boolean;
  /** The machine that really answers, when the server passes texts on. */
  remoteHost?: string;
}

/** A model server on this machine that answered. */
export interface FoundServer {
  kind: "ollama" | "openai";
  /** The address that a model reference names, without a path for Ollama and ending with `/v1` otherwise. */
  url: string;
  /** What usually listens there; the address when that is not known. */
  name: string;
  models: FoundModel[];
}

/** Where OpenAI-compatible servers usually listen. */
const usualPorts = [
  { port: 8080, name: "llama-server" },
  { port: 1234, name: "LM Studio" },
  { port: 8000, name: "vLLM" },
  { port: 5000, name: "text-generation-webui" },
  { port: 1337, name: "Jan" },
] as const;

const usualMilliseconds = 300;
const mostModels = 1000;
const longestName = 200;

export interface FindOptions {
  /** Where Ollama may listen. Addresses beyond this machine are left alone. */
  ollama: readonly URL[];
  /** Ports of this machine to ask for OpenAI-compatible servers. Default: the usual ones. */
  ports?: readonly { port: number; name: string }[];
  /** Each server must have answered by then. Default: 300. */
  milliseconds?: number;
}

/** Asks the usual addresses of this machine, all at once, which models they have. What does not answer is left out. */
export async function findServers(options: FindOptions, signal: AbortSignal): Promise<FoundServer[]> {
  const { ollama, ports = usualPorts, milliseconds = usualMilliseconds } = options;
  const searches = [
    ...ollama
      .filter(({ hostname }) => isLoopbackHost(hostname))
      .map((address) => (ask: Ask) => findOllama(address, ask)),
    ...ports.map(
      ({ port, name }) =>
        (ask: Ask) =>
          findOpenAi(`http://127.0.0.1:${port}/v1`, name, ask),
    ),
  ];
  const found = await Promise.all(searches.map((search) => search(createAsk(milliseconds, signal))));
  return found.filter((server) => server !== undefined);
}

/** The checked answer of a GET; undefined when there is none in time, or when it is something else. */
type Ask = <T>(url: URL, schema: z.ZodType<T>) => Promise<T | undefined>;

function createAsk(milliseconds: number, signal: AbortSignal): Ask {
  return async (url, schema) => {
    const endpoint = resolveEndpoint(url.origin, { offline: true, allowRemote: false });
    await using connection = new ServerConnection(endpoint, { apiKey: undefined, silenceSeconds: milliseconds / 1000 });
    return await connection.ask(url.pathname, schema, signal);
  };
}

const Tags = z.object({
  models: z.array(z.object({ name: z.string(), size: z.number().nullish(), remote_host: z.string().nullish() })),
});
const Running = z.object({
  models: z.array(z.object({ name: z.string(), context_length: z.int().positive().nullish() })),
});
async function findOllama(address: URL, ask: Ask): Promise<FoundServer | undefined> {
  const [tags, running] = await Promise.all([
    ask(new URL("/api/tags", address), Tags),
    ask(new URL("/api/ps", address), Running),
  ]);
  if (tags === undefined) return undefined;
  const windows = new Map(running?.models.map(({ name, context_length }) => [name, context_length]));
  const models = tags.models.map(({ name, size, remote_host }): FoundModel => {
    const window = windows.get(name);
    return {
      name,
      ...(size ? { sizeBytes: size } : {}),
      ...(window ? { contextSize: window } : {}),
      ...(windows.has(name) ? { isRunning: true } : {}),
      ...(remote_host ? { remoteHost: remote_host } : {}),
    };
  });
  const named = models.filter(({ name }) => isSensible(name) && isOllamaName(name));
  return { kind: "ollama", url: address.origin, name: "Ollama", models: named.slice(0, mostModels) };
}

async function findOpenAi(url: string, name: string, ask: Ask): Promise<FoundServer | undefined> {
  const list = await ask(new URL(`${url}/models`), ModelList);
  if (list === undefined) return undefined;
  const listed = list.data.filter(({ id }) => isSensible(id)).slice(0, mostModels);
  const windows = await windowsOf(listed, (path, schema) => ask(new URL(`/${path}`, url), schema));
  const models = listed.map(({ id }, index): FoundModel => {
    const window = windows[index];
    return { name: id, ...(window === undefined ? {} : { contextSize: window }), isRunning: true };
  });
  return { kind: "openai", url, name, models };
}

/** A server may claim anything: what is no name in one line is none that a person can choose. */
const isSensible = (name: string): boolean => name.length <= longestName && /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(name);
