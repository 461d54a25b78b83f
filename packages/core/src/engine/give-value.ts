import type { AgentEvent } from "../protocol/agent-events.ts";
import { TrustError } from "../protocol/errors.ts";
import { parseUnknownJson } from "../protocol/json.ts";
import type { AssistantMessage } from "../protocol/messages.ts";
import { ask, endOfReply } from "./ask-model.ts";
import type { Conversation } from "./conversation.ts";
import type { Reply } from "./reply.ts";
import type { BoundReply } from "./request-reply.ts";
import { type AnswerForm, type Ending, say, type Turn } from "./turn-state.ts";

const attempts = 2;
/** Longer schemas are not worth their room: the backend has them anyway. */
const longestSchema = 8000;

/**
 * Ends a turn whose answer must be one JSON value. An answer that is one already stays as it was said; any other is
 * asked for again, under the schema and beside the conversation, which only the value joins. When that fails the
 * answer joins as it was said, and the turn ends with an error.
 */
export async function* giveValue(
  turn: Turn,
  { message }: Reply,
  form: AnswerForm,
): AsyncGenerator<AgentEvent, Ending, void> {
  let value = message;
  let errors = errorsOf(message, form);
  let { conversation } = turn;
  let question = firstQuestion(form);
  for (let attempt = 0; attempt < attempts && errors.length > 0; attempt++) {
    conversation = beside(conversation, value, question);
    const reply = yield* askWhole(turn, { conversation, outputSchema: form.schema });
    if ("reason" in reply) {
      yield* say(turn, message);
      return reply;
    }
    value = { role: "assistant", text: reply.message.text, calls: [] };
    errors = reply.finish === "length" ? ["it was cut off before its end"] : errorsOf(value, form);
    turn.recovery.outputDoubled ||= reply.finish === "length";
    question = `That does not fit the schema: ${errors.join("; ")}. Give the JSON value again, and nothing else.`;
  }
  yield* say(turn, errors.length === 0 ? value : message);
  return errors.length === 0 ? { reason: "done" } : { reason: "error", error: misfit(errors) };
}

function errorsOf({ text }: AssistantMessage, form: AnswerForm): string[] {
  try {
    return form.errorsOf(parseUnknownJson(text, "the answer"));
  } catch (error) {
    if (error instanceof TrustError) return ["it is not JSON"];
    throw error;
  }
}

function firstQuestion({ schema }: AnswerForm): string {
  const text = JSON.stringify(schema);
  const words = text.length > longestSchema ? "the schema" : `this JSON Schema, and nothing else:\n${text}`;
  return `Give your final answer again, as one JSON value that fits ${words}`;
}

function beside({ log, view, frame }: Conversation, said: AssistantMessage, question: string): Conversation {
  const more = [said, { role: "user", text: question } as const];
  return { log: [...log, ...more], view: [...view, ...more], frame };
}

/** A reply that broke off is an ending too. */
async function* askWhole(turn: Turn, bound: BoundReply): AsyncGenerator<AgentEvent, Reply | Ending, void> {
  const reply = yield* ask(turn, bound);
  if ("reason" in reply) return reply;
  return reply.finish === "abort" || reply.finish === "error" ? (endOfReply(reply) ?? reply) : reply;
}

const misfit = (errors: readonly string[]): NonNullable<Ending["error"]> => ({
  code: "MODEL_FAILED",
  message: `the model's answer does not fit the schema: ${errors.join("; ")}`,
  hint: "ask for less, make the schema simpler, or choose a stronger model (-m)",
});
