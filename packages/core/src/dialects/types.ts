import type { Message } from "../protocol/messages.ts";
import type { ParsedEvent } from "../protocol/model-events.ts";
import type { Candidates, JsonSchema, ToolCall, ToolChoice, ToolSignature } from "../protocol/tool-call.ts";
import type { ToolFormat } from "./format/tool-format.ts";

/**
 * A piece of a prompt. Each segment is tokenised alone: `control` with special tokens,
 * `text` without them, so that text from files and people can never become a turn.
 */
export interface PromptSegment {
  kind: "control" | "text";
  text: string;
}

/** What rendering needs to know of a model. `specialTokens` are the texts of its control and user-defined tokens. */
export interface TemplateContext {
  template: string;
  specialTokens: readonly string[];
  bosToken: string;
  eosToken: string;
}

export interface RenderRequest {
  messages: readonly Message[];
  tools: readonly ToolSignature[];
  addGenerationPrompt: boolean;
  /** Whether the model shall think first, where its template has a switch for it; undefined: as the template has it. */
  thinking?: boolean;
}

/**
 * A grammar that is armed when the reply reaches a trigger text; `gbnf` describes what follows the trigger. Without
 * triggers it holds from behind `forced`, the text with which the reply must begin.
 */
export interface TriggeredGrammar {
  gbnf: string;
  root: string;
  triggers: readonly string[];
  forced: string;
}

/** Reads generated text as it arrives. `push` and `end` return the events in the model's order. */
export interface DialectParser {
  push(text: string): ParsedEvent[];
  /** `truncated`: the reply was cut off, so an open call must not be closed for it. */
  end(truncated: boolean): ParsedEvent[];
}

/** How a reply is to be read. */
export interface ParserRequest {
  /** The tools that the model was offered: their schemas type raw arguments, and judge calls printed as text. */
  tools: readonly ToolSignature[];
  /** The prompt that the reply answers: it may end inside a thought. */
  prompt: readonly PromptSegment[];
  via?: ToolCall["via"];
}

/** How a model family writes and reads tool calls. */
export interface Dialect {
  id: string;
  format: ToolFormat;
  parser(request: ParserRequest): DialectParser;
  /** With `candidates` these arguments have no other values. */
  grammar(
    tools: readonly ToolSignature[],
    choice: ToolChoice,
    parallel: boolean,
    candidates?: Candidates,
  ): TriggeredGrammar | undefined;
  /** The grammar of a reply that is one JSON value of a schema. */
  outputGrammar(schema: JsonSchema): TriggeredGrammar;
}
