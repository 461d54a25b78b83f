import type { Message } from "../protocol/messages.ts";
import type { ModelEvent } from "../protocol/model-events.ts";
import type { Candidates, JsonSchema, ToolChoice, ToolSignature } from "../protocol/tool-call.ts";

/** Temperature 0 is greedy. Fields that are absent are left to the backend. */
export interface Sampling {
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  repeatPenalty?: number;
  seed?: number;
}

/**
 * `messages` is the whole conversation, system message first. Tools are in prompt order. With `outputSchema` the
 * reply's text is one JSON value that the schema admits, as far as the backend can hold a model to it. With `candidates`
 * calls hold no other values for these arguments, where the backend can hold a model to that too.
 */
export interface ModelRequest {
  messages: readonly Message[];
  tools: readonly ToolSignature[];
  toolChoice: ToolChoice;
  outputSchema?: JsonSchema;
  candidates?: Candidates;
  maxTokens: number;
  /** A thought is ended by force after so many tokens, as far as the backend can; undefined: it may fill the reply. */
  thoughtTokens?: number;
  /** Without a thought, where the model can leave it out. */
  thinking?: false;
  sampling: Sampling;
}

/** `contextSize` in tokens is the true window. `local`: no byte leaves this machine. */
export interface ModelInfo {
  id: string;
  name: string;
  contextSize: number;
  local: boolean;
  sizeBytes?: number;
  /** As far as its server tells. */
  parameterCount?: number;
  /** What the person must know before relying on it, a sentence each. */
  notes?: readonly string[];
}

/**
 * A model that can be asked. Adapters own templates, parsing and transport.
 * `describe` loads what is needed to answer, and reports load progress in 0..1.
 * `countTokens` gives the prompt's tokens as this model counts them.
 * `stream` ends with one `finish`; it throws only for bugs. Abort ends it with reason `abort`.
 * `downgrade` moves to a simpler way of writing calls for as long as this port lives, and names both;
 * undefined when there is none left.
 */
export interface ModelPort extends AsyncDisposable {
  describe(signal: AbortSignal, onLoad?: (fraction: number) => void): Promise<ModelInfo>;
  countTokens(request: Pick<ModelRequest, "messages" | "tools">, signal: AbortSignal): Promise<number>;
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
  downgrade?(): { from: string; to: string } | undefined;
}
