import { type TemplateValues, thinking } from "../format/probes.ts";
import { caseTools, type ChatCase } from "./chat-case.ts";

/**
 * What a template is given for a case, up to where its reply begins; and a plain question instead, for templates that
 * refuse the case's conversation.
 */
export function casePrompts(chatCase: ChatCase): TemplateValues[] {
  const own = casePrompt(chatCase);
  return [own, { ...own, messages: [{ role: "user", content: "?" }] }];
}

function casePrompt(chatCase: ChatCase): TemplateValues {
  const { params } = chatCase;
  const tools = caseTools(chatCase).map((tool) => ({ type: "function", function: tool }));
  return {
    messages: params.messages.map(withoutEmptyFields),
    ...(tools.length === 0 ? {} : { tools }),
    add_generation_prompt: true,
    ...thinking(params.enable_thinking),
    bos_token: "",
    eos_token: "",
  };
}

/** Templates ask whether a field is there, not whether something is in it. */
function withoutEmptyFields(message: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isEmpty = (value: unknown): boolean => value === "" || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(message).filter(([key, value]) => key === "content" || !isEmpty(value)));
}
