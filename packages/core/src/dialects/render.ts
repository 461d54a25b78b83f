import { ContentShield } from "./content-shield.ts";
import { templateMessage, templateTool } from "./template-messages.ts";
import { renderTemplate } from "./template.ts";
import type { PromptSegment, RenderRequest, TemplateContext } from "./types.ts";

/**
 * Renders a conversation with the model's own chat template (Jinja). The same input always gives the same
 * segments. Throws MODEL_INVALID when the template cannot be parsed or refuses the conversation.
 */
export function renderPrompt(context: TemplateContext, request: RenderRequest): PromptSegment[] {
  const { template, specialTokens, bosToken, eosToken } = context;
  const shield = new ContentShield([...specialTokens, bosToken, eosToken], template);
  const rendered = renderTemplate(template, {
    messages: request.messages.map((message) => templateMessage(message, shield)),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map((tool) => templateTool(tool, shield)) }),
    add_generation_prompt: request.addGenerationPrompt,
    bos_token: bosToken,
    eos_token: eosToken,
  });
  return shield.segments(rendered);
}
