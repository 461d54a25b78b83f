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

import { hostEntry, nanoPath } from "./locations.ts";

/** A model that can be asked, with the way the engine treats it. */
export interface ChosenModel {
  id: string;
  port: ModelPort;
  profile: ScaffoldProfile;
  /** A few words for the first screen, such as "12 MB, built in". */
  note: string;
}

/** Finds the model that the configuration names. Nothing is loaded or connected yet. */
export async function chooseModel(
  config: Config,
  cwd: string,
  paths: TrustPaths,
  environment: NodeJS.ProcessEnv,
): Promise<ChosenModel> {
  const reference = await resolveModelReference(config.model, cwd);
  if (reference.kind === "server") return serverModel(reference, config, environment);
  return localModel(reference, config, paths);
}

function localModel(
  reference: Extract<ModelReference, { kind: "nano" | "file" }>,
  config: Config,
  paths: TrustPaths,
): ChosenModel {
  const builtIn = reference.kind === "nano";
  const profile = builtIn ? nanoProfile : profileForSize(reference.sizeBytes);
  const parallelCalls = profile.callsPerStep > 1;
  const port = createLlamaModel({
    entry: hostEntry(join(paths.data, "backends")),
    id: reference.id,
    spec: {
      path: builtIn ? nanoPath : reference.path,
      ...(config.context.size === undefined ? {} : { contextSize: config.context.size }),
      ...(config.host.threads === undefined ? {} : { threads: config.host.threads }),
      ...(config.host.backend === undefined ? {} : { backend: config.host.backend }),
    },
    dialect: hermesDialect(),
    constrainedCalls: profile.constrainedCalls,
    parallelCalls,
  });
  const note = builtIn ? "6 MB, built in" : sizeText(reference.sizeBytes);
  return { id: reference.id, port, profile, note };
}

const sizeText = (bytes: number): string =>
  bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

async function serverModel(
  { id, url }: Extract<ModelReference, { kind: "server" }>,
  config: Config,
  environment: NodeJS.ProcessEnv,
): Promise<ChosenModel> {
  // The HTTP client is large, and most starts need none.
  const { createOpenAiModel } = await import("@trust-cli/core/models/openai");
  const apiKey = config.apiKeyVariable === undefined ? undefined : environment[config.apiKeyVariable];
  const port = createOpenAiModel({
    baseUrl: url.href,
    offline: config.offline,
    // Only the person's own configuration and flags may name a server, so naming it is the consent.
    allowRemote: true,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(config.context.size === undefined ? {} : { contextSize: config.context.size }),
  });
  const note = isLoopbackHost(url.hostname)
    ? "a server on this machine"
    : `a server at ${url.host}: text leaves this machine`;
  return { id, port, profile: serverProfile, note };
}
