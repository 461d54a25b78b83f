import { createDialect, formatOf, hermesTags } from "../../dialects/index.ts";
import type { DialectParser } from "../../dialects/index.ts";
import type { ToolSignature } from "../../protocol/tool-call.ts";

/**
 * Reads the visible text of a reply from a server that reads calls and thoughts by itself: what it left in the text
 * all the same. Thoughts in `<think>` become thoughts; calls printed as text become calls where they fit a tool.
 */
export function createReplyText(tools: readonly ToolSignature[], nextCallId: () => string): DialectParser {
  const format = { ...formatOf(hermesTags), calls: undefined };
  return createDialect(format, { nextCallId }).parser({ tools, prompt: [] });
}
