import { setConfigValue, userConfigFile } from "@trust-cli/core/config";
import { type ModelReference, resolveModelReference } from "@trust-cli/core/models";

import { createApp } from "../../composition/app.ts";
import { requireChatTemplate } from "../../composition/chat-template.ts";
import { writeNotice } from "../../print/output.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { modelFacts } from "./facts.ts";

export async function useModel(text: string, options: SharedOptions): Promise<number> {
  const app = await createApp(options, false);
  using interrupt = interruptSignal();
  const place = { cwd: app.workspace.root, environment: app.environment };
  const reference = await resolveModelReference(text, place);
  const { name, local } = await modelFacts(reference, app, interrupt.signal);
  requireChatTemplate(reference);
  const model = lastingReference(reference);
  const file = await userConfigFile(app.paths);
  await setConfigValue(file, "model", model);
  const leaves = local ? "" : "Text leaves this machine with it.\n";
  printResult(options.json, { model, name, local, file }, () => `model = ${model} in ${file}\n${leaves}`);
  const { config } = await createApp(options, false);
  if (config.model !== model) writeNotice(`Here ${config.model} is used all the same: trust config explain model`);
  return 0;
}

/** A path counts from the folder that a person works in, and that changes. */
const lastingReference = (reference: ModelReference): string =>
  reference.kind === "file" ? reference.path : reference.id;
