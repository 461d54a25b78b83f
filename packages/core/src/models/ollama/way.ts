import { createDialect, type DialectParser, formatOf, genericFormat, qwenTags } from "../../dialects/index.ts";
import { plainConversation } from "../../dialects/plain-conversation.ts";
import type { ModelRequest } from "../../ports/model.ts";
import { createReplyText } from "../server/reply-text.ts";
import type { ChatTemplate } from "../templates/index.ts";

type Prompt = Pick<ModelRequest, "messages" | "tools">;

/** A conversation as it goes to the server: for its own template, or rendered already. */
interface Put {
  sent: Prompt | { prompt: string };
  /** Makes what reads the text of the reply. */
  readText: () => DialectParser;
}

/** How a model of Ollama is told of tools, and how its calls are read. */
export interface Way {
  /** In a few words, for people. */
  name: string;
  put(prompt: Prompt, thinks: boolean, signal: AbortSignal): Promise<Put>;
  /** A simpler way for the same model; undefined when there is none. */
  plainer(): Way | undefined;
}

/** By the server's own template and parser. */
export const nativeWay = (nextCallId: () => string): Way => ({
  name: "Ollama's own calls",
  put: async (prompt) => ({ sent: prompt, readText: () => createReplyText(prompt.tools, nextCallId) }),
  plainer: () => plainWay(nextCallId),
});

/** In plain messages, for templates that know nothing of tools. */
export function plainWay(nextCallId: () => string): Way {
  const format = genericFormat(formatOf(qwenTags));
  const dialect = createDialect(format, { nextCallId });
  return {
    name: "plain tags",
    put: async (prompt) => ({
      sent: plainConversation(prompt, format),
      readText: () => dialect.parser({ tools: prompt.tools, prompt: [] }),
    }),
    plainer: () => undefined,
  };
}

/** By the template in the model's own file, which the server passes over. `beginning`: a token that it adds itself. */
export const rawWay = (template: ChatTemplate, beginning: string): Way => ({
  name: "its family's own syntax",
  async put({ messages, tools }, thinks, signal) {
    const thinking = thinks ? {} : { thinking: false };
    const segments = await template.render({ messages, tools, addGenerationPrompt: true, ...thinking }, signal);
    const text = segments.map((segment) => segment.text).join("");
    const prompt = beginning !== "" && text.startsWith(beginning) ? text.slice(beginning.length) : text;
    return { sent: { prompt }, readText: () => template.dialect.parser({ tools, prompt: segments }) };
  },
  plainer() {
    const plainer = template.plainer();
    return plainer === undefined ? undefined : { ...rawWay(plainer, beginning), name: "plain tags" };
  },
});
