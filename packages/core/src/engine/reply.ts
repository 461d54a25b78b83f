import type { AgentEvent } from "../protocol/agent-events.ts";
import type { ErrorBody } from "../protocol/errors.ts";
import type { AssistantMessage } from "../protocol/messages.ts";
import { type FinishReason, type ModelEvent, noUsage, type Usage } from "../protocol/model-events.ts";
import type { ToolCall } from "../protocol/tool-call.ts";

/** A call that could not be read, with what was wrong: its result tells the model. */
interface InvalidCall {
  call: ToolCall;
  errors: string[];
  truncated: boolean;
}

/** One complete reply of the model. */
export interface Reply {
  message: AssistantMessage;
  invalid: Map<string, InvalidCall>;
  finish: FinishReason;
  usage: Usage;
  tokensPerSecond: number | undefined;
  error: ErrorBody | undefined;
}

/** Folds a model's stream into a reply and passes every event on untouched, except `finish`. */
export async function* foldReply(stream: AsyncIterable<ModelEvent>): AsyncGenerator<AgentEvent, Reply, void> {
  const names = new Map<string, string>();
  const reply: Reply = {
    message: { role: "assistant", text: "", calls: [] },
    invalid: new Map(),
    finish: "stop",
    usage: noUsage,
    tokensPerSecond: undefined,
    error: undefined,
  };
  for await (const event of stream) {
    if (event.type === "finish") {
      reply.finish = event.reason;
      reply.usage = event.usage;
      reply.tokensPerSecond = event.tokensPerSecond;
      reply.error = event.error;
      continue;
    }
    if (event.type === "call-start") names.set(event.id, event.name);
    collect(reply, event, names);
    yield event;
  }
  return reply;
}

function collect(reply: Reply, event: ModelEvent, names: ReadonlyMap<string, string>): void {
  switch (event.type) {
    case "text-delta":
      reply.message.text += event.delta;
      return;
    case "thought-delta":
      reply.message.thought = (reply.message.thought ?? "") + event.delta;
      return;
    case "call-end":
      reply.message.calls.push(event.call);
      return;
    case "call-invalid": {
      const { id, raw, errors, truncated } = event;
      const name = names.get(id) ?? "invalid_call";
      const call: ToolCall = { id, name, args: {}, raw, via: "parsed", repairs: [] };
      reply.message.calls.push(call);
      reply.invalid.set(id, { call, errors, truncated });
      return;
    }
    default:
  }
}
