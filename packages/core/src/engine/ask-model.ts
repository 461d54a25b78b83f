import type { AgentEvent } from "../protocol/agent-events.ts";
import { errorBody, isAbort, TrustError } from "../protocol/errors.ts";
import type { AssistantMessage } from "../protocol/messages.ts";
import type { BoundReply } from "./bound-reply.ts";
import { meantToCall } from "./next-action.ts";
import type { Reply } from "./reply.ts";
import { requestReply } from "./request-reply.ts";
import type { Ending, Turn } from "./turn-state.ts";

/**
 * One step's reply. A TrustError or an abort becomes the turn's ending; anything else is a bug and goes on. A reply
 * that only announces a call is completed by that call.
 */
export async function* askModel(turn: Turn): AsyncGenerator<AgentEvent, Reply | Ending, void> {
  const reply = yield* ask(turn);
  if ("reason" in reply || !(await meantToCall(turn, reply))) return reply;
  turn.recovery.forced = "required";
  const call = yield* ask(turn);
  if (!("reason" in call)) return { ...call, message: joined(reply.message, call.message) };
  return call.reason === "abort" ? { ...reply, finish: "abort" } : reply;
}

/** A TrustError or an abort is an ending. */
export async function* ask(turn: Turn, bound?: BoundReply): AsyncGenerator<AgentEvent, Reply | Ending, void> {
  try {
    return yield* requestReply(turn, bound);
  } catch (error) {
    if (turn.signal.aborted && isAbort(error)) return { reason: "abort" };
    if (error instanceof TrustError) return { reason: "error", error: errorBody(error) };
    throw error;
  }
}

/** What was said in two parts, as one message: templates refuse two replies in a row. */
function joined(first: AssistantMessage, second: AssistantMessage): AssistantMessage {
  const text = [first.text, second.text].filter((part) => part !== "").join("\n\n");
  const thought = [first.thought, second.thought].filter((part) => part !== undefined).join("\n\n");
  return { role: "assistant", text, ...(thought === "" ? {} : { thought }), calls: second.calls };
}

export const isEmpty = ({ message }: Reply): boolean => message.text === "" && message.calls.length === 0;

/** Also one that was cut off: what it says can still be said shorter. */
export const isAnswer = ({ message, finish }: Reply): boolean =>
  message.calls.length === 0 && (finish === "stop" || finish === "calls" || finish === "length");

/** How a reply ends the turn; undefined when its calls must be answered first. */
export function endOfReply(reply: Reply): Ending | undefined {
  switch (reply.finish) {
    case "abort":
      return { reason: "abort" };
    case "error":
      return { reason: "error", error: reply.error ?? { code: "MODEL_FAILED", message: "the model failed" } };
    case "length":
      return reply.message.calls.length > 0 ? undefined : { reason: "length" };
    case "stop":
    case "calls":
      return reply.message.calls.length > 0 ? undefined : { reason: "done" };
  }
}
