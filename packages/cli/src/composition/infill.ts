import { createInfillModel, type InfillModel } from "@trust-cli/core/models";

import { loadSpec } from "./local-model.ts";
import { hostEntry } from "./locations.ts";
import type { Settings } from "./settings.ts";
import { namedWeightsPath } from "./weights-path.ts";

/** The model of the settings, as one that writes into code. Nothing is loaded yet. Throws USAGE for a server's. */
export async function openInfillModel(settings: Settings, signal: AbortSignal): Promise<InfillModel> {
  const { config, paths, workspace } = settings;
  const path = await namedWeightsPath(config.model, settings, signal);
  // As the chat loads it, so that one copy in memory serves both.
  const spec = { ...loadSpec({ config, cwd: workspace.root }), path };
  return createInfillModel({ entry: hostEntry(config, paths), spec });
}
