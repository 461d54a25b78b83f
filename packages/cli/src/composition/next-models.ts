import { listProfiles, readProfile } from "@trust-cli/core/config";
import { resolveModelReference } from "@trust-cli/core/models";

import type { ModelPlace } from "./local-model.ts";

/** Files of models that the settings name beside the one in use: those that go on for it, then those of own profiles. */
export async function nextModelFiles(place: ModelPlace): Promise<string[]> {
  const { config, cwd, environment } = place;
  const files = new Set<string>();
  for (const model of [...config.fallback.models, ...(await profileModels(place))]) {
    const reference = await resolveModelReference(model, { cwd, environment }).catch(() => undefined);
    if (reference?.kind === "file") files.add(reference.path);
  }
  return [...files];
}

/** A profile that cannot be read says so when it is chosen. */
async function profileModels(place: ModelPlace): Promise<string[]> {
  const models: string[] = [];
  for (const profile of listProfiles(place).filter(({ scope }) => scope === "user")) {
    const model = (await readProfile(place, profile).catch(() => undefined))?.get("model");
    if (typeof model === "string") models.push(model);
  }
  return models;
}
