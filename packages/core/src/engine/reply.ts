import type { AgentEvent } from "../protocol/agent-events.ts";
import type { ErrorBody } from "../protocol/errors.ts";
import type { AssistantMessage } from "../protocol/messages.ts";
import { type FinishReason, type ModelEvent, noUsage, type ParsedEvent, type Usage } from "../protocol/model-events.ts";
import type { ToolCall } from "../protocol/tool-call.ts";
import type { MendCall } from "./turn-state.ts";

/** Why a call cannot be used: its result tells the model. */
interface InvalidCall {
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

/**
 * Folds a model's stream into a reply and passes its events on, except `finish`. Calls are mended first: their events
 * and the conversation hold the repaired form. A call id counts once: a backend that died and goes on may repeat it.
 */
export async function* foldReply(
  stream: AsyncIterable<ModelEvent>,
  mend: MendCall,
): AsyncGenerator<AgentEvent, Reply, void> {
  const fold = new ReplyFold(mend);
  for await (const event of stream) {
    if (event.type === "finish") fold.finish(event);
    else yield* fold.take(event);
  }
  return fold.reply;
}

class ReplyFold {
  readonly reply: Reply = {
    message: { role: "assistant", text: "", calls: [] },
    invalid: new Map(),
    finish: "stop",
    usage: noUsage,
    tokensPerSecond: undefined,
    error: undefined,
  };
  readonly #mend: MendCall;
  readonly #names = new Map<string, string>();
  #last: ModelEvent | undefined;

  constructor(mend: MendCall) {
    this.#mend = mend;
  }

  *take(event: Exclude<ModelEvent, { type: "finish" }>): Generator<AgentEvent> {
    if (event.type === "model-restart" && event.again === true) this.#forget();
    const id = "id" in event ? event.id : event.type === "call-end" ? event.call.id : undefined;
    if (this.reply.message.calls.some((call) => call.id === id)) return;
    const mended = event.type === "call-end" ? this.#mended(event.call) : event;
    this.#last = event;
    this.#collect(mended);
    yield mended;
  }

  finish({ reason, usage, tokensPerSecond, error }: Extract<ModelEvent, { type: "finish" }>): void {
    Object.assign(this.reply, { finish: reason, usage, tokensPerSecond, error });
    // A server that closes what the limit cut off makes half a call look whole.
    const last = this.#last?.type === "call-end" ? this.#last.call : undefined;
    if (reason !== "length" || last?.via !== "native") return;
    this.reply.invalid.set(last.id, { errors: ["the reply was cut off at the call"], truncated: true });
  }

  /** The reply begins anew with another backend: what came before is no part of it. */
  #forget(): void {
    this.reply.message = { role: "assistant", text: "", calls: [] };
    this.reply.invalid.clear();
    this.#names.clear();
  }

  #mended(call: ToolCall): ParsedEvent {
    const mended = this.#mend(call);
    if (mended.ok) return { type: "call-end", call: mended.call };
    this.reply.message.calls.push(mended.call);
    this.reply.invalid.set(call.id, { errors: mended.errors, truncated: false });
    return { type: "call-invalid", id: call.id, raw: call.raw, errors: mended.errors, truncated: false };
  }

  #collect(event: ModelEvent): void {
    const { message, invalid } = this.reply;
    switch (event.type) {
      case "text-delta":
        message.text += event.delta;
        return;
      case "thought-delta":
        message.thought = (message.thought ?? "") + event.delta;
        return;
      case "call-start":
        this.#names.set(event.id, event.name);
        return;
      case "call-end":
        message.calls.push(event.call);
        return;
      case "call-invalid": {
        const { id, raw, errors, truncated } = event;
        if (invalid.has(id)) return;
        const name = this.#names.get(id) ?? "invalid_call";
        message.calls.push({ id, name, args: {}, raw, via: "parsed", repairs: [] });
        invalid.set(id, { errors, truncated });
        return;
      }
      default:
    }
  }
}
