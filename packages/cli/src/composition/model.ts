import { join } from "node:path";

import type { Config, TrustPaths } from "@trust-cli/core/config";
import {
  createFormatCache,
  createLlamaModel,
  type ModelReference,
  nanoProfile,
  profileForSize,
  refineProfile,
  resolveModelReference,
  serverProfile,
} from "@trust-cli/core/models";
import type { CapabilityRecord, ModelPort, ScaffoldProfile } from "@trust-cli/core/ports";
import { isLoopbackHost } from "@trust-cli/core/protocol";

import { readBuiltInKit, verifyBuiltInKit } from "./built-in-kit.ts";
import { capabilityOf, recordDowngrade } from "./capability.ts";
import { type ChosenModel, keepingNotes } from "./chosen-model.ts";
import { hostEntry, templateWorker } from "./locations.ts";
import { openedPort, verifiedPort } from "./prepared-port.ts";

export type { ChosenModel } from "./chosen-model.ts";

/** A model by itself, treated by its size alone. */
type SingleModel = Omit<ChosenModel, "capability" | "notes">;

/** Finds the model that the configuration names, and those that go on for it. Nothing is loaded or connected yet. */
export async function chooseModel(
  config: Config,
  cwd: string,
  paths: TrustPaths,
  environment: NodeJS.ProcessEnv,
): Promise<ChosenModel> {
  const resolve = (model: string): Promise<ModelReference> => resolveModelReference(model, { cwd, environment });
  const choose = async (reference: ModelReference): Promise<ChosenModel> => {
    const single = await openReference(reference, config, paths, environment);
    const place = { config, paths, environment };
    const noted = notingDowngrades(single, (change) => void recordDowngrade(reference, place, change));
    return measuredModel(noted, (signal) => capabilityOf(reference, place, signal));
  };
  const reference = await resolve(config.model);
  const chosen = await choose(reference);
  const isServer = reference.kind === "server" || reference.kind === "ollama";
  if (config.fallback.models.length === 0 && !isServer) return chosen;
  const { withFallbacks } = await import("./fallback.ts");
  return withFallbacks(chosen, config.fallback, async (model) => choose(await resolve(model)));
}

/** The model, whose moves to a simpler way of writing calls are told to `note`. */
function notingDowngrades(
  { port, ...single }: SingleModel,
  note: (change: { from: string; to: string }) => void,
): SingleModel {
  const downgrade = (): { from: string; to: string } | undefined => {
    const change = port.downgrade?.();
    if (change !== undefined) note(change);
    return change;
  };
  return { ...single, port: { ...keepingNotes(port).port, downgrade } };
}

/** The model, treated by what was measured of it once that is looked up. */
function measuredModel(
  { profile, ...single }: SingleModel,
  find: (signal: AbortSignal) => Promise<CapabilityRecord | undefined>,
): ChosenModel {
  let lookup: Promise<CapabilityRecord | undefined> | undefined;
  let record: CapabilityRecord | undefined;
  return {
    ...single,
    ...keepingNotes(single.port),
    get profile() {
      return refineProfile(profile, record);
    },
    async capability(signal) {
      record = await (lookup ??= find(signal));
      if (signal.aborted) lookup = undefined;
      return record;
    },
  };
}

function openReference(
  reference: ModelReference,
  config: Config,
  paths: TrustPaths,
  environment: NodeJS.ProcessEnv,
): SingleModel | Promise<SingleModel> {
  switch (reference.kind) {
    case "server":
      return serverModel(reference, config, environment);
    case "ollama":
      return ollamaModel(reference, config, paths);
    case "kit":
      return kitModel(reference, config, paths);
    case "nano":
      return builtInModel(config, paths);
    case "file": {
      const { id, path, sizeBytes } = reference;
      const profile = profileForSize(sizeBytes);
      return {
        id,
        port: llamaPort({ id, path, profile }, config, paths),
        profile,
        note: sizeText(sizeBytes),
        local: true,
      };
    }
  }
}

/** Its files are checked while the host starts, which takes longer. */
function builtInModel(config: Config, paths: TrustPaths): SingleModel {
  const kit = readBuiltInKit();
  const port = llamaPort({ id: "nano", path: kit.path, profile: nanoProfile }, config, paths);
  const verified = verifiedPort(port, (signal) => verifyBuiltInKit(kit, signal));
  return { id: "nano", port: verified, profile: nanoProfile, note: "6 MB, built in", local: true };
}

/** The weights are taken out of the kit, and checked, when the model is loaded. Throws KIT_MISSING. */
async function kitModel(
  { id, reference }: Extract<ModelReference, { kind: "kit" }>,
  config: Config,
  paths: TrustPaths,
): Promise<SingleModel> {
  const { kitModelBytes, openKitModel } = await import("./kit-model.ts");
  const sizeBytes = await kitModelBytes(reference, paths);
  const profile = profileForSize(sizeBytes);
  const port = openedPort(async (signal, onLoad) => {
    const path = await openKitModel(reference, paths, { signal, onLoad });
    return llamaPort({ id, path, profile }, config, paths);
  });
  return { id, port, profile, note: `${sizeText(sizeBytes)}, from a ModelKit`, local: true };
}

interface LocalModel {
  id: string;
  path: string;
  profile: ScaffoldProfile;
}

function llamaPort({ id, path, profile }: LocalModel, config: Config, paths: TrustPaths): ModelPort {
  return createLlamaModel({
    entry: hostEntry(config, paths),
    id,
    spec: {
      path,
      ...(config.context.size === undefined ? {} : { contextSize: config.context.size }),
      ...(config.host.threads === undefined ? {} : { threads: config.host.threads }),
    },
    templates: templateSettings(paths),
    constrainedCalls: profile.constrainedCalls,
    parallelCalls: profile.callsPerStep > 1,
  });
}

/** How chat templates are run, and where what is known of them is kept. */
export const templateSettings = ({ cache }: TrustPaths) => ({
  entry: templateWorker(),
  cache: createFormatCache(join(cache, "chat-templates")),
});

/** In words, such as "4.4 GB". */
export const sizeText = (bytes: number): string =>
  bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

async function serverModel(
  { id, url, model }: Extract<ModelReference, { kind: "server" }>,
  config: Config,
  environment: NodeJS.ProcessEnv,
): Promise<SingleModel> {
  // The HTTP client is large, and most starts need none.
  const { createOpenAiModel } = await import("@trust-cli/core/models/openai");
  const apiKey = config.apiKeyVariable === undefined ? undefined : environment[config.apiKeyVariable];
  const port = createOpenAiModel({
    baseUrl: url.href,
    ...(model === undefined ? {} : { model }),
    offline: config.offline,
    // Only the person's own configuration and flags may name a server, so naming it is the consent.
    allowRemote: true,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(config.context.size === undefined ? {} : { contextSize: config.context.size }),
  });
  const local = isLoopbackHost(url.hostname);
  const note = local ? "a server on this machine" : `a server at ${url.host}: text leaves this machine`;
  return { id, port, profile: serverProfile, note, local };
}

async function ollamaModel(
  { id, url, model }: Extract<ModelReference, { kind: "ollama" }>,
  config: Config,
  paths: TrustPaths,
): Promise<SingleModel> {
  const { createOllamaModel } = await import("@trust-cli/core/models/ollama");
  const port = createOllamaModel({
    url: url.href,
    model,
    offline: config.offline,
    // An address elsewhere comes only from the person's own words.
    allowRemote: true,
    ...(config.context.size === undefined ? {} : { contextSize: config.context.size }),
    templates: templateSettings(paths),
  });
  const local = isLoopbackHost(url.hostname);
  const note = local ? "Ollama on this machine" : `Ollama at ${url.host}: text leaves this machine`;
  return { id, port, profile: serverProfile, note, local };
}
