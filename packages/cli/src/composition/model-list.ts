import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";

import type { Config, TrustPaths } from "@trust-cli/core/config";
import { ollamaUrl, readGgufHeader, resolveModelReference } from "@trust-cli/core/models";
import type { FoundModel, FoundServer } from "@trust-cli/core/models/detect";
import { isLoopbackHost, TrustError } from "@trust-cli/core/protocol";

import { readBuiltInKit } from "./built-in-kit.ts";
import type { KitWithModel } from "./kit-model.ts";

type ModelGroup = "built in" | "on disk" | "kits" | "ollama" | "servers";

/** A model that can be used now. `reference` is what `-m` and /model take. */
export interface ListedModel {
  reference: string;
  group: ModelGroup;
  name: string;
  sizeBytes?: number;
  /** In tokens. */
  contextSize?: number;
  /** A few words, such as "running". */
  status?: string;
  local: boolean;
  inUse: boolean;
}

export interface ListPlace {
  config: Config;
  cwd: string;
  paths: TrustPaths;
  environment: NodeJS.ProcessEnv;
}

/** A number of tokens in few characters, such as "32k". */
export const windowText = (tokens: number): string => (tokens < 1024 ? `${tokens}` : `${Math.round(tokens / 1024)}k`);

/** Where the person's model files are looked for. */
const modelFolder = (paths: TrustPaths): string => join(paths.data, "models");

/** Reading the header of a large model takes tens of milliseconds. */
const mostHeaders = 50;

/** Every model on this machine: built in, files, and what servers on it offer. `current`: the reference in use. */
export async function listModels(current: string, place: ListPlace, signal: AbortSignal): Promise<ListedModel[]> {
  const { findModelFiles, findServers } = await import("@trust-cli/core/models/detect");
  const { kitsWithModel } = await import("./kit-model.ts");
  const [files, kits, servers] = await Promise.all([
    findModelFiles([modelFolder(place.paths)], signal),
    kitsWithModel(place.paths, signal),
    findServers({ ollama: ollamaAddresses(place.environment) }, signal),
  ]);
  const loose = files.filter(({ path }) => !isOfKit(path));
  const paths = new Map(loose.map(({ path, sizeBytes }) => [path, sizeBytes]));
  const own = await ownFile(current, place);
  if (own !== undefined) paths.set(own.path, own.sizeBytes);
  const onDisk = await listFiles(paths, signal);
  const all = [
    listedNano(),
    ...onDisk,
    ...kits.map(listedKit),
    ...servers.flatMap((server) => listedServer(server, place)),
  ];
  const chosen = own?.path ?? current;
  return all.map((model) => ({ ...model, inUse: isSame(model.reference, chosen) }));
}

/** What was taken out of a kit lies in a folder named by its digest; the kit itself is listed. */
const isOfKit = (path: string): boolean => /[\\/][0-9a-f]{64}(\.new)?[\\/]/.test(path);

/** Ollama's names may lack their tag. */
const isSame = (reference: string, chosen: string): boolean =>
  reference === chosen || (chosen.startsWith("ollama") && reference === `${chosen}:latest`);

type Listed = Omit<ListedModel, "inUse">;

function listedNano(): Listed {
  const header = readGgufHeader(readBuiltInKit().path);
  const facts = header.ok ? { sizeBytes: header.value.sizeBytes, contextSize: header.value.contextLength } : {};
  return { reference: "nano", group: "built in", name: "nano", local: true, ...facts };
}

function listedKit({ problem, ...kit }: KitWithModel): Listed {
  return { ...kit, group: "kits", local: true, ...(problem === undefined ? {} : { status: problem }) };
}

async function listFiles(paths: ReadonlyMap<string, number>, signal: AbortSignal): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (const [path, sizeBytes] of paths) {
    // Headers are read in one go each: the screen must be drawn in between.
    await setImmediate();
    signal.throwIfAborted();
    const header = listed.length < mostHeaders ? readGgufHeader(path) : undefined;
    const contextSize = header?.ok === true ? { contextSize: header.value.contextLength } : {};
    const status = header?.ok === false ? { status: "cannot be loaded" } : {};
    const name = basename(path).replace(/\.gguf$/i, "");
    listed.push({ reference: path, group: "on disk", name, sizeBytes, local: true, ...contextSize, ...status });
  }
  return listed;
}

function listedServer(server: FoundServer, { environment }: ListPlace): Listed[] {
  return server.models.map((model) => {
    const { name, sizeBytes, contextSize, remoteHost } = model;
    return {
      ...placeOf(server, model, environment),
      name,
      ...(sizeBytes === undefined || remoteHost !== undefined ? {} : { sizeBytes }),
      ...(contextSize === undefined ? {} : { contextSize }),
    };
  });
}

/** Where a server's model is, and what names it. */
export function placeOf(server: FoundServer, model: FoundModel, environment: NodeJS.ProcessEnv): Place {
  const [usual] = ollamaAddresses(environment);
  return server.kind === "ollama" ? ofOllama(server, model, usual?.origin) : ofServer(server, model);
}

type Place = Pick<Listed, "reference" | "group" | "local" | "status">;

/** Short where `ollama/NAME` leads to this very server. */
function ofOllama({ url }: FoundServer, { name, isRunning, remoteHost }: FoundModel, usual: string | undefined): Place {
  const reference = url === usual ? `ollama/${name}` : `ollama+${url}/${name}`;
  if (remoteHost !== undefined) return { reference, group: "ollama", local: false, status: "text leaves this machine" };
  return { reference, group: "ollama", local: true, ...(isRunning === true ? { status: "running" } : {}) };
}

function ofServer({ url, name: server, models }: FoundServer, { name }: FoundModel): Place {
  const reference = models.length === 1 ? url : `${url}#${encodeURIComponent(name)}`;
  return { reference, group: "servers", local: true, status: `${server} at ${new URL(url).host}` };
}

/** The address that `ollama/NAME` means, then the usual one. An OLLAMA_HOST that is none is said where it is wanted. */
export function ollamaAddresses(environment: NodeJS.ProcessEnv): URL[] {
  const usual = ollamaUrl({});
  try {
    const named = ollamaUrl(environment);
    return isSameAddress(named, usual) ? [usual] : [named, usual];
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return [usual];
  }
}

/** This machine has several names. */
const isSameAddress = (one: URL, other: URL): boolean =>
  one.protocol === other.protocol &&
  one.port === other.port &&
  (one.hostname === other.hostname || (isLoopbackHost(one.hostname) && isLoopbackHost(other.hostname)));

/** The file in use, which may be anywhere. */
async function ownFile(
  current: string,
  { cwd, environment }: ListPlace,
): Promise<{ path: string; sizeBytes: number } | undefined> {
  try {
    const reference = await resolveModelReference(current, { cwd, environment });
    return reference.kind === "file" ? reference : undefined;
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return undefined;
  }
}
