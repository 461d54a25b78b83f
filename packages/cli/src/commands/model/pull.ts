import { oneLine } from "@trust-cli/core/protocol";

import { createAppToLook } from "../../composition/app.ts";
import { sizeText } from "../../composition/model.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { ollamaPlace } from "./ollama-reference.ts";
import { statusLine } from "./status-line.ts";

export async function pullModel(text: string, options: SharedOptions): Promise<number> {
  const app = await createAppToLook(options);
  using interrupt = interruptSignal();
  const { place, reference } = await ollamaPlace(text, app, "trust kit pull fetches ModelKits");
  const { pullOllamaModel } = await import("@trust-cli/core/models/ollama");
  using line = statusLine();
  let bytes = 0;
  await pullOllamaModel(place, interrupt.signal, ({ status, done, total }) => {
    bytes = total;
    const share = total === 0 ? "" : ` ${Math.floor((done / total) * 100)} % of ${sizeText(total)}`;
    line.show(`${oneLine(status)}${share}`);
  });
  const model = reference.id;
  printResult(options.json, { model, bytes }, () => `Pulled ${model} (${sizeText(bytes)})\n  trust -m ${model}\n`);
  return 0;
}
