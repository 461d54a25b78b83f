import { listProfiles } from "@trust-cli/core/config";

import type { SessionChoices } from "../acp/session-options.ts";
import type { App } from "./app.ts";
import { listModels } from "./model-list.ts";

/** What an editor offers at once, without asking any server: the model in use, the built-in one, and profiles. */
export function sessionChoices({ config, paths, workspace }: App): SessionChoices {
  const models = [...new Set(["nano", config.model])].map((value) => ({ value, name: value }));
  const profiles = [...new Set(listProfiles({ paths, cwd: workspace.root }).map(({ name }) => name))];
  return { models, profiles };
}

/** Every model on this machine. Takes a moment: servers are asked. */
export async function allModels(app: App, signal: AbortSignal): Promise<SessionChoices["models"]> {
  const { config, workspace, paths, environment } = app;
  const models = await listModels(config.model, { config, cwd: workspace.root, paths, environment }, signal);
  return models.map(({ reference, name, group, status }) => ({
    value: reference,
    name,
    description: [group, status].filter((text) => text !== undefined).join(", "),
  }));
}
