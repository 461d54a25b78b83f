import type { Config, TrustPaths } from "@trust-cli/core/config";
import {
  type ModelReference,
  overrideProfile,
  profileForServer,
  refineProfile,
  resolveModelReference,
  type ScaffoldOverrides,
  serverProfile,
} from "@trust-cli/core/models";
import type { CapabilityRecord } from "@trust-cli/core/ports";
import { isLoopbackHost } from "@trust-cli/core/protocol";

import { capabilityOf, recordDowngrade } from "./capability.ts";
import { type ChosenModel, keepingNotes } from "./chosen-model.ts";
import {
  builtInModel,
  fileModel,
  kitModel,
  type ModelPlace,
  type SingleModel,
  templateSettings,
  withoutParts,
} from "./local-model.ts";

export type { ChosenModel } from "./chosen-model.ts";
export { sizeText, templateSettings } from "./local-model.ts";

/** Finds the model that the configuration names, and those that go on for it. Nothing is loaded or connected yet. */
export async function chooseModel(
  config: Config,
  cwd: string,
  paths: TrustPaths,
  environment: NodeJS.ProcessEnv,
): Promise<ChosenModel> {
  const resolve = (model: string): Promise<ModelReference> => resolveModelReference(model, { cwd, environment });
  const choose = async (reference: ModelReference, own = config): Promise<ChosenModel> => {
    const place = { config: own, cwd, paths, environment };
    const single = await openReference(reference, place);
    const noted = notingDowngrades(single, (change) => void recordDowngrade(reference, place, change));
    return measuredModel(noted, own.scaffold, (signal) => capabilityOf(reference, place, signal));
  };
  const reference = await resolve(config.model);
  const chosen = await choose(reference);
  const isServer = reference.kind === "server" || reference.kind === "ollama";
  if (config.fallback.models.length === 0 && !isServer) return chosen;
  const { withFallbacks } = await import("./fallback.ts");
  const others = withoutParts(config);
  return withFallbacks(chosen, config.fallback, async (model) => choose(await resolve(model), others));
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

/** The model, treated by what its server tells and what was measured of it once that is looked up, and as the person says. */
function measuredModel(
  { profile, ...single }: SingleModel,
  overrides: ScaffoldOverrides,
  find: (signal: AbortSignal) => Promise<CapabilityRecord | undefined>,
): ChosenModel {
  let lookup: Promise<CapabilityRecord | undefined> | undefined;
  let record: CapabilityRecord | undefined;
  let parameterCount: number | undefined;
  const { port, notes } = keepingNotes(single.port);
  return {
    ...single,
    port,
    notes,
    get profile() {
      const sized = profile === serverProfile ? profileForServer(parameterCount) : profile;
      return overrideProfile(refineProfile(sized, record), overrides);
    },
    async capability(signal) {
      // What keeps a server from answering is told by the request that needs the answer.
      if (profile === serverProfile)
        parameterCount ??= (await port.describe(signal).catch(() => undefined))?.parameterCount;
      record = await (lookup ??= find(signal));
      if (signal.aborted) lookup = undefined;
      return record;
    },
  };
}

function openReference(reference: ModelReference, place: ModelPlace): SingleModel | Promise<SingleModel> {
  switch (reference.kind) {
    case "server":
      return serverModel(reference, place);
    case "ollama":
      return ollamaModel(reference, place);
    case "kit":
      return kitModel(reference, place);
    case "nano":
      return builtInModel(place);
    case "file":
      return fileModel(reference, place);
  }
}

async function serverModel(
  { id, url, model }: Extract<ModelReference, { kind: "server" }>,
  { config, environment }: ModelPlace,
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
  { config, paths }: ModelPlace,
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
