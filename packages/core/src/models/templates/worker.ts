import { parentPort } from "node:worker_threads";

import { renderTemplate, TemplateRefusal } from "../../dialects/template.ts";
import type { RenderedText, WorkerRequest } from "./worker-messages.ts";

/** The thread in which chat templates run: they come with models, and may be slow or hostile. */
parentPort?.on("message", ({ id, template, values }: WorkerRequest) => {
  parentPort?.postMessage({ id, texts: values.map((one) => render(template, one)) });
});

const largestPrompt = 16 * 1024 * 1024;

function render(template: string, values: Readonly<Record<string, unknown>>): RenderedText {
  try {
    const text = renderTemplate(template, values);
    if (text.length <= largestPrompt) return { text };
    return { failure: "the model's chat template writes more than 16 MB", refused: true };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    // What runs out of stack or text here is broken or hostile: no engine without limits shall try it again.
    const refused = cause instanceof TemplateRefusal || cause instanceof RangeError;
    return { failure: error instanceof Error ? error.message : String(error), refused };
  }
}
