import { join } from "node:path";

import type { Config, TrustPaths } from "@trust-cli/core/config";
import { hermesDialect } from "@trust-cli/core/dialects";
import {
  createLlamaModel,
  type ModelReference,
  nanoProfile,
  profileForSize,
  resolveModelReference,
  serverProfile,
} from "@trust-cli/core/models";
import type { ModelPort, ScaffoldProfile } from "@trust-cli/core/ports";
import { isLoopbackHost } from "@trust-cli/core/protocol";

import { readBuiltInKit, verifyBuiltInKit } from "./built-in-kit.ts";
import { hostEntry } from "./locations.ts";
import { openedPort, verifiedPort } from "./prepared-port.ts";

/** A model that can be asked, with the way the engine treats it. */
export interface ChosenModel {
  id: string;
  port: ModelPort;
  profile: ScaffoldProfile;
  /** A few words for the first screen, such as "12 MB, built in". */
  note: string;
  /** Its address is this machine; what a server there does with text only `describe` can tell. */
  local: boolean;
  /** What `describe` last told the person to know of it. */
  notes?: () => readonly string[];
}

/** Finds the model that the configuration names. Nothing is loaded or connected yet. */
export async function chooseModel(
  config: Config,
  cwd: string,
  paths: TrustPaths,
  environment: NodeJS.ProcessEnv,
): Promise<ChosenModel> {
  const reference = await resolveModelReference(config.model, { cwd, environment });
  switch (reference.kind) {
    case "server":
      return serverModel(reference, config, environment);
    case "ollama":
      return ollamaModel(reference, config);
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
function builtInModel(config: Config, paths: TrustPaths): ChosenModel {
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
): Promise<ChosenModel> {
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
    entry: hostEntry(join(paths.data, "backends")),
    id,
    spec: {
      path,
      ...(config.context.size === undefined ? {} : { contextSize: config.context.size }),
      ...(config.host.threads === undefined ? {} : { threads: config.host.threads }),
      ...(config.host.backend === undefined ? {} : { backend: config.host.backend }),
    },
    dialect: hermesDialect(),
    constrainedCalls: profile.constrainedCalls,
    parallelCalls: profile.callsPerStep > 1,
  });
}

/** In words, such as "4.4 GB". */
export const sizeText = (bytes: number): string =>
  bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

async function serverModel(
  { id, url, model }: Extract<ModelReference, { kind: "server" }>,
  config: Config,
  environment: NodeJS.ProcessEnv,
): Promise<ChosenModel> {
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
): Promise<ChosenModel> {
  const { createOllamaModel } = await import("@trust-cli/core/models/ollama");
  const port = createOllamaModel({
    url: url.href,
    model,
    offline: config.offline,
    // An address elsewhere comes only from the person's own words.
    allowRemote: true,
    ...(config.context.size === undefined ? {} : { contextSize: config.context.size }),
  });
  const local = isLoopbackHost(url.hostname);
  const note = local ? "Ollama on this machine" : `Ollama at ${url.host}: text leaves this machine`;
  return { id, ...keepingNotes(port), profile: serverProfile, note, local };
}

function keepingNotes(port: ModelPort): Pick<ChosenModel, "port" | "notes"> {
  let notes: readonly string[] = [];
  return {
    notes: () => notes,
    port: {
      async describe(signal, onLoad) {
        const info = await port.describe(signal, onLoad);
        notes = info.notes ?? [];
        return info;
      },
      countTokens: (prompt, signal) => port.countTokens(prompt, signal),
      stream: (request, signal) => port.stream(request, signal),
      [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
    },
  };
}
