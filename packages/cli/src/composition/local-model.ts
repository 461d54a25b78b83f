import { isAbsolute, join, resolve } from "node:path";

import type { Config, TrustPaths } from "@trust-cli/core/config";
import {
  createFormatCache,
  createLlamaModel,
  type LlamaModelOptions,
  type ModelReference,
  nanoProfile,
  profileForSize,
} from "@trust-cli/core/models";
import type { ModelPort, ScaffoldProfile } from "@trust-cli/core/ports";

import { readBuiltInKit, verifyBuiltInKit } from "./built-in-kit.ts";
import type { ChosenModel } from "./chosen-model.ts";
import { hostLimits } from "./host-limits.ts";
import { hostEntry, templateWorker } from "./locations.ts";
import { nextModelFiles } from "./next-models.ts";
import { openedPort, verifiedPort } from "./prepared-port.ts";

/** What a model is chosen by. */
export interface ModelPlace {
  config: Config;
  cwd: string;
  paths: TrustPaths;
  environment: NodeJS.ProcessEnv;
}

/** A model by itself, treated by its size alone. */
export type SingleModel = Omit<ChosenModel, "capability" | "notes">;

/** A GGUF file. */
export function fileModel(
  { id, path, sizeBytes }: Extract<ModelReference, { kind: "file" }>,
  place: ModelPlace,
): SingleModel {
  const profile = profileForSize(sizeBytes);
  return { id, port: llamaPort({ id, path, profile }, place), profile, note: sizeText(sizeBytes), local: true };
}

/** Its files are checked while the host starts, which takes longer. */
export function builtInModel(place: ModelPlace): SingleModel {
  const kit = readBuiltInKit();
  const port = llamaPort({ id: "nano", path: kit.path, profile: nanoProfile }, place);
  const verified = verifiedPort(port, (signal) => verifyBuiltInKit(kit, signal));
  return { id: "nano", port: verified, profile: nanoProfile, note: "6 MB, built in", local: true };
}

/** The weights are taken out of the kit, and checked, when the model is loaded. Throws KIT_MISSING. */
export async function kitModel(
  { id, reference }: Extract<ModelReference, { kind: "kit" }>,
  place: ModelPlace,
): Promise<SingleModel> {
  const { kitModelBytes, openKitModel } = await import("./kit-model.ts");
  const sizeBytes = await kitModelBytes(reference, place.paths);
  const profile = profileForSize(sizeBytes);
  const port = openedPort(async (signal, onLoad) => {
    const path = await openKitModel(reference, place.paths, { signal, onLoad });
    return llamaPort({ id, path, profile }, place);
  });
  return { id, port, profile, note: `${sizeText(sizeBytes)}, from a ModelKit`, local: true };
}

interface LocalModel {
  id: string;
  path: string;
  profile: ScaffoldProfile;
}

function llamaPort({ id, path, profile }: LocalModel, place: ModelPlace): ModelPort {
  const { config, paths } = place;
  return createLlamaModel({
    entry: hostEntry(config, paths),
    id,
    spec: { ...loadSpec(place), path },
    templates: templateSettings(paths),
    constrainedCalls: profile.constrainedCalls,
    parallelCalls: profile.callsPerStep > 1,
    next: async () => (await nextModelFiles(place)).filter((file) => file !== path),
  });
}

const secondsPerMinute = 60;

/** How the settings want a local model loaded. Throws nothing: what is wrong with a file the load says. */
export function loadSpec({ config, cwd }: Pick<ModelPlace, "config" | "cwd">): Omit<LlamaModelOptions["spec"], "path"> {
  const { context, host } = config;
  const place = (path: string): string => (isAbsolute(path) ? path : resolve(cwd, path));
  const adapters = host.adapters.map((written) => {
    const { path = written, scale = "1" } = /^(?<path>.+)=(?<scale>\d*\.?\d+)$/.exec(written)?.groups ?? {};
    return { path: place(path), scale: Number(scale) };
  });
  return {
    ...hostLimits(config),
    ...(context.size === undefined ? {} : { contextSize: context.size }),
    ...(adapters.length === 0 ? {} : { adapters }),
    ...(host.draft === undefined ? {} : { draft: place(host.draft) }),
    ...(host.pin ? { pinned: true } : {}),
    keepAliveSeconds: Math.ceil(host.keepMinutes * secondsPerMinute),
  };
}

/** The settings for another model: adapters and a draft model belong to the one that was chosen. */
export function withoutParts({ host, ...config }: Config): Config {
  return { ...config, host: { ...host, adapters: [], draft: undefined } };
}

/** How chat templates are run, and where what is known of them is kept. */
export const templateSettings = ({ cache }: TrustPaths) => ({
  entry: templateWorker(),
  cache: createFormatCache(join(cache, "chat-templates")),
});

/** In words, such as "4.4 GB". */
export const sizeText = (bytes: number): string =>
  bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
