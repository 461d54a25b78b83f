import { analyseTemplate, prepareRender, probes, renderTemplate, type ToolFormat } from "../../src/dialects/index.ts";
import type { PromptSegment, RenderRequest, TemplateContext } from "../../src/dialects/types.ts";

const formats = new Map<string, ToolFormat>();

/** What the analysis makes of a template that our own Jinja engine runs. */
export function formatFor(template: string): ToolFormat {
  const known = formats.get(template);
  if (known !== undefined) return known;
  const renderings = new Map<string, string>();
  for (const [name, values] of probes) {
    try {
      renderings.set(name, renderTemplate(template, { ...values, bos_token: "", eos_token: "" }));
    } catch {
      // A template that refuses a probe says something by that.
    }
  }
  const format = analyseTemplate(template, renderings);
  formats.set(template, format);
  return format;
}

/** A conversation as a prompt, with the model's own template. */
export function renderedPrompt(context: TemplateContext, request: RenderRequest): PromptSegment[] {
  const { values, segments } = prepareRender(context, formatFor(context.template), request);
  return segments(renderTemplate(context.template, values));
}
