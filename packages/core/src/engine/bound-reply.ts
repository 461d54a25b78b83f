import type { ModelRequest } from "../ports/model.ts";
import type { ModelEvent } from "../protocol/model-events.ts";
import type { JsonSchema } from "../protocol/tool-call.ts";
import type { Conversation } from "./conversation.ts";
import { runsInCircles } from "./loops.ts";
import type { Turn } from "./turn-state.ts";

/** A reply that is one JSON value of a schema, to a conversation of its own. */
export interface BoundReply {
  conversation: Conversation;
  outputSchema: JsonSchema;
  /** Characters that the value may have. What a model thinks before it does not count. */
  room: number;
  temperature: number;
}

type Terms = Pick<ModelRequest, "toolChoice" | "sampling" | "outputSchema">;

export const boundTerms = ({ dependencies }: Turn, { outputSchema, temperature }: BoundReply): Terms => ({
  toolChoice: "none",
  sampling: { ...dependencies.profile.sampling, temperature },
  outputSchema,
});

/**
 * Passes a bound reply on, and stops the model when the value outgrows its room or runs in circles: a model that
 * never closes a string goes on to the output limit. What is stopped ends as what the limit cuts off.
 */
export async function* stopRunaway(
  stream: AsyncIterable<ModelEvent>,
  room: number,
  stop: AbortController,
): AsyncGenerator<ModelEvent, void, void> {
  let text = "";
  for await (const event of stream) {
    if (stop.signal.aborted) {
      if (event.type === "finish") yield { ...event, reason: event.reason === "abort" ? "length" : event.reason };
      continue;
    }
    if (event.type === "model-restart" && event.again === true) text = "";
    if (event.type === "text-delta") text += event.delta;
    yield event;
    if (text.length > room || runsInCircles(text)) stop.abort();
  }
}
