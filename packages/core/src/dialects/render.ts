import { ContentShield } from "./content-shield.ts";
import type { TemplateValues } from "./format/probes.ts";
import { thinking } from "./format/probes.ts";
import type { ToolFormat } from "./format/tool-format.ts";
import { plainConversation } from "./plain-conversation.ts";
import { shieldMessage, shieldTool } from "./shield-conversation.ts";
import { templateMessages, templateTool } from "./template-messages.ts";
import type { PromptSegment, RenderRequest, TemplateContext } from "./types.ts";

/** What a template is to be run with, and how its result becomes a prompt again. */
export interface PreparedRender {
  values: TemplateValues;
  segments: (rendered: string) => PromptSegment[];
}

/**
 * Prepares a conversation for the model's own chat template. The same input always gives the same values. Control
 * tokens inside content are shielded from the template and come back as plain text.
 */
export function prepareRender(context: TemplateContext, format: ToolFormat, request: RenderRequest): PreparedRender {
  const { template, specialTokens, bosToken, eosToken } = context;
  const shield = new ContentShield([...specialTokens, bosToken, eosToken], template);
  const shielded = {
    messages: request.messages.map((message) => shieldMessage(message, shield)),
    tools: request.tools.map((tool) => shieldTool(tool, shield)),
  };
  const { messages, tools } = plainConversation(shielded, format);
  const values = {
    messages: templateMessages(messages, format),
    ...(tools.length === 0 ? {} : { tools: tools.map(templateTool) }),
    add_generation_prompt: request.addGenerationPrompt,
    ...(request.thinking === undefined ? {} : thinking(request.thinking)),
    bos_token: bosToken,
    eos_token: eosToken,
  };
  return { values, segments: (rendered) => shield.segments(rendered) };
}
