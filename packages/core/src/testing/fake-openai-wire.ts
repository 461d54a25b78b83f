import type { ParsedEvent } from "../protocol/model-events.ts";

/** How one reply is put on the wire of an API: the values of its events, in order. */
export interface WireForm {
  event(event: ParsedEvent): readonly unknown[];
  end(usage: { prompt: number; output: number } | undefined): readonly unknown[];
  failed(message: string): unknown;
}

export type ThoughtPlace = "reasoning_content" | "reasoning" | "text";

/** Chunks of a chat completion. */
export function chatForm(thoughts: ThoughtPlace = "reasoning_content"): WireForm {
  let calls = 0;
  let thinks = false;
  const chunk = (delta: object): unknown => ({ choices: [{ index: 0, delta, finish_reason: null }] });
  const inText = (text: string, isThought: boolean): string => {
    const marker = isThought === thinks ? "" : isThought ? "<think>\n" : "\n</think>\n\n";
    thinks = isThought;
    return marker + text;
  };
  return {
    event(event) {
      switch (event.type) {
        case "text-delta":
          return [chunk({ content: inText(event.delta, false) })];
        case "thought-delta":
          return [chunk(thoughts === "text" ? { content: inText(event.delta, true) } : { [thoughts]: event.delta })];
        case "call-start":
          return [
            chunk({ tool_calls: [{ index: calls, id: event.id, function: { name: event.name, arguments: "" } }] }),
          ];
        case "call-delta":
          return [chunk({ tool_calls: [{ index: calls, function: { arguments: event.delta } }] })];
        case "call-end":
          calls++;
          return [];
        default:
          return [];
      }
    },
    end: (usage) => [
      { choices: [{ index: 0, delta: {}, finish_reason: calls > 0 ? "tool_calls" : "stop" }] },
      ...(usage === undefined
        ? []
        : [{ choices: [], usage: { prompt_tokens: usage.prompt, completion_tokens: usage.output } }]),
      "[DONE]",
    ],
    failed: (message) => ({ error: { message } }),
  };
}

/** Events of a response. */
export function responsesForm(): WireForm {
  let index = -1;
  let arguments_ = "";
  return {
    event(event) {
      switch (event.type) {
        case "text-delta":
          return [{ type: "response.output_text.delta", output_index: 0, delta: event.delta }];
        case "thought-delta":
          return [{ type: "response.reasoning_text.delta", output_index: 0, delta: event.delta }];
        case "call-start": {
          index++;
          arguments_ = "";
          const item = { type: "function_call", id: `fc_${index}`, call_id: event.id, name: event.name, arguments: "" };
          return [{ type: "response.output_item.added", output_index: index, item }];
        }
        case "call-delta":
          arguments_ += event.delta;
          return [{ type: "response.function_call_arguments.delta", output_index: index, delta: event.delta }];
        case "call-end": {
          const { id, name } = event.call;
          const item = { type: "function_call", id: `fc_${index}`, call_id: id, name, arguments: arguments_ };
          return [
            { type: "response.function_call_arguments.done", output_index: index, arguments: arguments_ },
            { type: "response.output_item.done", output_index: index, item },
          ];
        }
        default:
          return [];
      }
    },
    end: (usage) => {
      const counted = usage && { usage: { input_tokens: usage.prompt, output_tokens: usage.output } };
      return [{ type: "response.completed", response: { status: "completed", ...counted } }];
    },
    failed: (message) => ({ type: "response.failed", response: { error: { code: "server_error", message } } }),
  };
}
