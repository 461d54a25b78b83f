import {
  analyseTemplate,
  createDialect,
  type Dialect,
  type DialectOptions,
  genericFormat,
  prepareRender,
  probes,
  type PromptSegment,
  type RenderRequest,
  type TemplateContext,
  type ToolFormat,
} from "../../dialects/index.ts";
import { TrustError } from "../../protocol/errors.ts";
import type { FormatCache } from "./format-cache.ts";
import type { TemplateEngine } from "./template-engine.ts";

/** A model's chat template: what it says of the family, and prompts made with it. */
export interface ChatTemplate {
  readonly format: ToolFormat;
  readonly dialect: Dialect;
  /** Throws MODEL_INVALID when the template refuses the conversation. */
  render(request: RenderRequest, signal: AbortSignal): Promise<PromptSegment[]>;
  /** The same model, asked to write calls as plain tags; undefined when it does already. */
  plainer(): ChatTemplate | undefined;
}

export interface ChatTemplateOptions extends DialectOptions {
  engine: TemplateEngine;
  cache?: FormatCache;
}

/** Analyses a chat template, or takes what is known of it. Throws MODEL_INVALID for one that cannot be run. */
export async function openChatTemplate(
  context: TemplateContext,
  options: ChatTemplateOptions,
  signal: AbortSignal,
): Promise<ChatTemplate> {
  const { engine, cache } = options;
  const known = cache?.read(context.template);
  const format = known ?? (await analyse(context, engine, signal));
  if (known === undefined) cache?.write(context.template, format);
  return chatTemplate(context, format, options);
}

function chatTemplate(context: TemplateContext, format: ToolFormat, options: ChatTemplateOptions): ChatTemplate {
  return {
    format,
    dialect: createDialect(format, options),
    async render(request, signal) {
      const { values, segments } = prepareRender(context, format, request);
      const [rendered] = await options.engine.render(context.template, [values], signal);
      if (rendered !== undefined && "text" in rendered) return segments(rendered.text);
      throw refused(rendered?.failure ?? "it gave nothing");
    },
    plainer: () => (format.origin === "generic" ? undefined : chatTemplate(context, genericFormat(format), options)),
  };
}

/** Renders every probe and compares: at least a plain conversation must succeed. */
async function analyse(
  { template, bosToken, eosToken }: TemplateContext,
  engine: TemplateEngine,
  signal: AbortSignal,
): Promise<ToolFormat> {
  const names = [...probes.keys()];
  const values = [...probes.values()].map((one) => ({ ...one, bos_token: bosToken, eos_token: eosToken }));
  const rendered = await engine.render(template, values, signal);
  const texts = new Map(
    rendered.flatMap((one, index) => ("text" in one ? [[names[index] ?? "", one.text] as const] : [])),
  );
  const plain = rendered[names.indexOf("text-0")];
  if (texts.size === 0 && plain !== undefined && "failure" in plain) throw refused(plain.failure);
  return analyseTemplate(template, texts);
}

const refused = (reason: string): TrustError =>
  new TrustError(
    "MODEL_INVALID",
    reason.startsWith("the model's chat template") ? reason : `the model's chat template failed: ${reason}`,
    {
      hint: "choose another model, or start a new session",
    },
  );
