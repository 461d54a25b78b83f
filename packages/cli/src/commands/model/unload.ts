import { createAppToLook } from "../../composition/app.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { ollamaPlace } from "./ollama-reference.ts";

export async function unloadModel(named: string | undefined, options: SharedOptions): Promise<number> {
  const app = await createAppToLook(options);
  using interrupt = interruptSignal();
  const otherwise = "other models leave memory with the program that runs them";
  const { place, reference } = await ollamaPlace(named ?? app.config.model, app, otherwise);
  const { ollamaIdentity, unloadOllamaModel } = await import("@trust-cli/core/models/ollama");
  const unloaded = await unloadOllamaModel(place, interrupt.signal);
  // A name that Ollama does not know is a mistake, and no model that is out of memory.
  if (!unloaded) await ollamaIdentity(place, interrupt.signal);
  const model = reference.id;
  printResult(options.json, { model, unloaded }, () =>
    unloaded ? `Unloaded ${model}\n` : `${model} was not in memory\n`,
  );
  return 0;
}
