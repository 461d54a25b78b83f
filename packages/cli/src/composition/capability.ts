import { existsSync } from "node:fs";
import { join } from "node:path";

import type { Config, TrustPaths } from "@trust-cli/core/config";
import type { ModelReference } from "@trust-cli/core/models";
import type { CapabilityRecord, CapabilityStore, DialectChange, ModelIdentity } from "@trust-cli/core/ports";
import { isAbort, TrustError } from "@trust-cli/core/protocol";

import { readBuiltInKit } from "./built-in-kit.ts";

export interface CapabilityPlace {
  config: Config;
  paths: TrustPaths;
  environment: NodeJS.ProcessEnv;
}

const storeFile = ({ data }: TrustPaths): string => join(data, "capabilities.db");

/** What was measured of models on this machine. SQLite's native module is loaded here. */
export async function openCapabilities(paths: TrustPaths): Promise<CapabilityStore> {
  const { createCapabilityStore } = await import("@trust-cli/core/storage");
  return createCapabilityStore(storeFile(paths));
}

/**
 * What was measured of a model as it is now. Undefined when nothing was, or when that cannot be found out: a start must
 * not fail for it. Where no model was ever measured, this costs nothing.
 */
export async function capabilityOf(
  reference: ModelReference,
  place: CapabilityPlace,
  signal: AbortSignal,
): Promise<CapabilityRecord | undefined> {
  if (!existsSync(storeFile(place.paths))) return undefined;
  try {
    const identity = await modelIdentity(reference, place, signal);
    if (identity === undefined) return undefined;
    using store = await openCapabilities(place.paths);
    return store.find(identity);
  } catch (error) {
    if (signal.aborted || error instanceof TrustError) return undefined;
    throw error;
  }
}

/** Keeps that a model was moved to a simpler way of writing calls. A turn must not fail for it. */
export async function recordDowngrade(
  reference: ModelReference,
  place: CapabilityPlace,
  change: { from: string; to: string },
): Promise<void> {
  try {
    const identity = await modelIdentity(reference, place, AbortSignal.timeout(5000));
    if (identity === undefined) return;
    using store = await openCapabilities(place.paths);
    store.noteDowngrade(identity, { ...change, at: new Date().toISOString() });
  } catch (error) {
    if (!(error instanceof TrustError) && !isAbort(error)) throw error;
  }
}

/** The last time that a model was moved to a simpler way of writing calls; undefined when it never was. */
export async function lastDowngrade(
  reference: ModelReference,
  place: CapabilityPlace,
  signal: AbortSignal,
): Promise<DialectChange | undefined> {
  if (!existsSync(storeFile(place.paths))) return undefined;
  const identity = await modelIdentity(reference, place, signal);
  if (identity === undefined) return undefined;
  using store = await openCapabilities(place.paths);
  return store.lastDowngrade(identity);
}

/** What makes a model this one. Undefined when its server does not tell; throws when there is no such model. */
export async function modelIdentity(
  reference: ModelReference,
  { config, paths, environment }: CapabilityPlace,
  signal: AbortSignal,
): Promise<ModelIdentity | undefined> {
  switch (reference.kind) {
    case "nano":
      return fileIdentityOf(readBuiltInKit().path);
    case "file":
      return fileIdentityOf(reference.path);
    case "kit": {
      const { kitModelDigest } = await import("./kit-model.ts");
      const weights = await kitModelDigest(reference.reference, paths);
      // The template is a part of the weights' file.
      return { weights, template: weights, backend: await localBackend() };
    }
    case "ollama": {
      const { ollamaIdentity } = await import("@trust-cli/core/models/ollama");
      const { url, model } = reference;
      return ollamaIdentity({ url: url.href, model, offline: config.offline, allowRemote: true }, signal);
    }
    case "server": {
      const { serverIdentity } = await import("@trust-cli/core/models/openai");
      const { url, model } = reference;
      const apiKey = config.apiKeyVariable === undefined ? undefined : environment[config.apiKeyVariable];
      const named = { ...(model === undefined ? {} : { model }), ...(apiKey === undefined ? {} : { apiKey }) };
      return serverIdentity({ baseUrl: url.href, ...named, offline: config.offline, allowRemote: true }, signal);
    }
  }
}

async function fileIdentityOf(path: string): Promise<ModelIdentity> {
  const { fileIdentity } = await import("@trust-cli/core/models/capability");
  return fileIdentity(path, await localBackend());
}

async function localBackend(): Promise<string> {
  const { bindingsVersion } = await import("./backends.ts");
  return `node-llama-cpp ${bindingsVersion()}`;
}
