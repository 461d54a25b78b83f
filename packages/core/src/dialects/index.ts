export { isRecord, type ReadArguments, readArguments, tryParseJson } from "./call-arguments.ts";
export { casePrompts } from "./corpus/case-prompt.ts";
export { ChatCase, caseTools } from "./corpus/chat-case.ts";
export { parseCase, type ParsedCase } from "./corpus/parse-case.ts";
export { callIds, createDialect, type DialectOptions } from "./dialect.ts";
export { analyseTemplate } from "./format/analyse.ts";
export { formatOf, genericFormat, hermesTags, qwenTags } from "./format/known-formats.ts";
export { probes, type TemplateValues, thinking } from "./format/probes.ts";
export type { CallBody, CallFormat, MessageFormat, ThoughtFormat, ToolFormat } from "./format/tool-format.ts";
export { schemaGrammar } from "./grammar/schema-grammar.ts";
export { toolCallGrammar, type ToolCallGrammarOptions } from "./grammar/tool-call-grammar.ts";
export { exactSeparators, flexibleSeparators, jsonSyntax } from "./grammar/value-syntax.ts";
export { replyStart } from "./parse/reply-start.ts";
export { type ParserOptions, StreamParser } from "./parse/stream-parser.ts";
export { type PreparedRender, prepareRender } from "./render.ts";
export { createCallMender, type Mended, tolerantJson } from "./repair/index.ts";
export { renderTemplate, TemplateRefusal } from "./template.ts";
export type {
  Dialect,
  DialectParser,
  ParserRequest,
  PromptSegment,
  RenderRequest,
  TemplateContext,
  TriggeredGrammar,
} from "./types.ts";
export { writeCalls } from "./write-calls.ts";
