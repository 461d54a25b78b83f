import { parseJson } from "../../protocol/json.ts";
import type { ModelEvent } from "../../protocol/model-events.ts";
import { serverError } from "../server/server-errors.ts";
import type { Reply } from "./reply.ts";
import { ResponseEvent } from "./response-event.ts";

/** Reads the data of one event, as it arrives. */
export type ReadData = (data: string, reply: Reply) => Generator<ModelEvent>;

/**
 * Makes what reads the events of one streamed response. It throws what the server reports as an error, or
 * MODEL_FAILED for what is no event.
 */
export function responseReader(): ReadData {
  const calls = new CallItems();
  return function* (data, reply) {
    if (data === "[DONE]") return;
    const event = parseJson(data, ResponseEvent, `an event from ${reply.host}`, "MODEL_FAILED");
    switch (event.type) {
      case "error":
      case "response.failed":
        throw serverError(failureIn(event), reply.host);
      case "response.reasoning_text.delta":
      case "response.reasoning_summary_text.delta":
        return yield* reply.thought(event.delta ?? "", "reasoning_content");
      case "response.output_text.delta":
      case "response.refusal.delta":
        return yield* reply.text(event.delta ?? "");
      case "response.completed":
      case "response.incomplete":
        return note(event, reply);
      default:
        yield* calls.read(event, reply);
    }
  };
}

const failureIn = ({ response, message }: ResponseEvent): string =>
  response?.error?.message ?? message ?? "an error without words";

function note({ type, response }: ResponseEvent, reply: Reply): void {
  reply.isDone = true;
  reply.summary.isCutOff = type === "response.incomplete";
  const { input_tokens, output_tokens, input_tokens_details } = response?.usage ?? {};
  reply.count({
    promptTokens: input_tokens,
    reusedTokens: input_tokens_details?.cached_tokens,
    outputTokens: output_tokens,
  });
}

/** The calls of a response. Their arguments come in parts, or whole at the end, or both. */
class CallItems {
  readonly #opened = new Set<number>();
  readonly #withArguments = new Set<number>();

  *read({ type, delta, arguments: whole, item, output_index }: ResponseEvent, reply: Reply): Generator<ModelEvent> {
    const index = output_index ?? 0;
    if (type === "response.function_call_arguments.delta") yield* this.#arguments(index, delta, reply);
    else if (type === "response.function_call_arguments.done") yield* this.#whole(index, whole, reply);
    else if (item?.type === "function_call") {
      if (!this.#opened.has(index)) {
        this.#opened.add(index);
        yield* reply.call({ index, id: item.call_id, function: { name: item.name } });
      }
      if (type === "response.output_item.done") yield* this.#whole(index, item.arguments, reply);
    }
  }

  *#whole(index: number, text: string | null | undefined, reply: Reply): Generator<ModelEvent> {
    if (!this.#withArguments.has(index)) yield* this.#arguments(index, text, reply);
  }

  *#arguments(index: number, text: string | null | undefined, reply: Reply): Generator<ModelEvent> {
    if (!text) return;
    this.#withArguments.add(index);
    yield* reply.call({ index, function: { arguments: text } });
  }
}
