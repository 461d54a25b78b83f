import { type ModelReference, resolveModelReference, unloadFromSharedHost } from "@trust-cli/core/models";
import { TrustError } from "@trust-cli/core/protocol";

import { type App, createAppToLook } from "../../composition/app.ts";
import { sharedHost } from "../../composition/locations.ts";
import { weightsPath } from "../../composition/weights-path.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { ollamaPlace } from "./ollama-reference.ts";

/** `trust model unload`: out of the memory of the shared model host, or of Ollama. */
export async function unloadModel(named: string | undefined, options: SharedOptions): Promise<number> {
  const app = await createAppToLook(options);
  using interrupt = interruptSignal();
  const { workspace, environment } = app;
  const reference = await resolveModelReference(named ?? app.config.model, { cwd: workspace.root, environment });
  const unloaded = await unload(reference, app, interrupt.signal);
  const model = reference.id;
  printResult(options.json, { model, unloaded }, () =>
    unloaded ? `Unloaded ${model}\n` : `${model} was not in memory, or is at work\n`,
  );
  return 0;
}

async function unload(reference: ModelReference, app: App, signal: AbortSignal): Promise<boolean> {
  if (reference.kind === "ollama") return unloadFromOllama(reference.id, app, signal);
  const path = await weightsPath(reference, app.paths, signal);
  if (path !== undefined) return (await unloadFromSharedHost(sharedHost(app.config, app.paths), path, signal)) > 0;
  throw new TrustError("USAGE", `${reference.id} is in the memory of its server`, { hint: "ask that server" });
}

async function unloadFromOllama(name: string, app: App, signal: AbortSignal): Promise<boolean> {
  const { place } = await ollamaPlace(name, app, "name a model of Ollama");
  const { ollamaIdentity, unloadOllamaModel } = await import("@trust-cli/core/models/ollama");
  const unloaded = await unloadOllamaModel(place, signal);
  // A name that Ollama does not know is a mistake, and no model that is out of memory.
  if (!unloaded) await ollamaIdentity(place, signal);
  return unloaded;
}
