export { isRecord, type ReadArguments, readArguments, tryParseJson } from "./call-arguments.ts";
export { schemaGrammar } from "./grammar/schema-grammar.ts";
export { toolCallGrammar, type ToolCallGrammarOptions } from "./grammar/tool-call-grammar.ts";
export { callIds, hermesDialect, type HermesOptions } from "./hermes.ts";
export { renderPrompt } from "./render.ts";
export { hermesFormat, type ToolFormat } from "./tool-format.ts";
export type {
  Dialect,
  DialectParser,
  PromptSegment,
  RenderRequest,
  TemplateContext,
  TriggeredGrammar,
} from "./types.ts";
