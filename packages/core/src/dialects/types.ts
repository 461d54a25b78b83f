import type { Message } from "../protocol/messages.ts";
import type { ParsedEvent } from "../protocol/model-events.ts";
import type { ToolChoice, ToolSignature } from "../protocol/tool-call.ts";

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
}

/** A grammar that is armed when the reply reaches a trigger text; `gbnf` describes what follows the trigger. */
export interface TriggeredGrammar {
  gbnf: string;
  root: string;
  triggers: readonly string[];
}

/** Reads generated text as it arrives. `push` and `end` return the events in the model's order. */
export interface DialectParser {
  push(text: string): ParsedEvent[];
  /** `truncated`: the reply was cut off, so an open call must not be closed for it. */
  end(truncated: boolean): ParsedEvent[];
}

/** How a model family writes and reads tool calls. */
export interface Dialect {
  id: string;
  /** The text that opens a thought. A prompt that ends with it has opened the reply's first thought already. */
  thinkOpen: string;
  /** `startsInThought`: the prompt ended with `thinkOpen`, so the reply begins inside a thought. */
  parser(options?: { startsInThought: boolean }): DialectParser;
  grammar(tools: readonly ToolSignature[], choice: ToolChoice, parallel: boolean): TriggeredGrammar | undefined;
  /** Texts that end the reply besides the end-of-turn token. */
  stops: readonly string[];
}
