import { createAppToLook } from "../../composition/app.ts";
import { type ListedModel, listModels, windowText } from "../../composition/model-list.ts";
import { sizeText } from "../../composition/model.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";

export async function printModelList(options: SharedOptions): Promise<number> {
  const { config, workspace, paths, environment } = await createAppToLook(options);
  using interrupt = interruptSignal();
  const place = { config, cwd: workspace.root, paths, environment };
  const models = await listModels(config.model, place, interrupt.signal);
  printResult(options.json, models, () => rows(models));
  return 0;
}

/** One line a model: its group once, the mark of the one in use, then what `-m` takes. */
function rows(models: readonly ListedModel[]): string {
  const width = Math.max(...models.map(({ reference }) => reference.length));
  return models
    .map(({ reference, group, sizeBytes, contextSize, status = "", inUse }, index) => {
      const head = group === models[index - 1]?.group ? "" : group;
      const size = sizeBytes === undefined ? "" : sizeText(sizeBytes);
      const window = contextSize === undefined ? "" : windowText(contextSize);
      const line = `${head.padEnd(9)} ${inUse ? "›" : " "} ${reference.padEnd(width)}  ${size.padStart(7)}  ${window.padStart(5)}  ${status}`;
      return `${line.trimEnd()}\n`;
    })
    .join("");
}
