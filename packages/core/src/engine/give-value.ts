import type { AgentEvent } from "../protocol/agent-events.ts";
import { TrustError } from "../protocol/errors.ts";
import { parseUnknownJson } from "../protocol/json.ts";
import type { AssistantMessage } from "../protocol/messages.ts";
import { ask, endOfReply } from "./ask-model.ts";
import type { BoundReply } from "./bound-reply.ts";
import type { Conversation } from "./conversation.ts";
import { recoverFromOverflow } from "./recover.ts";
import type { Reply } from "./reply.ts";
import { type AnswerForm, type Ending, say, type Turn } from "./turn-state.ts";

const attempts = 2;
/** Longer schemas are not worth their room: the backend has them anyway. */
const longestSchema = 8000;
/** Characters that a value may have, by what it is to say; `again` is for one that was cut off. */
const room = { least: 1000, perSchema: 8, most: 8000, perAnswer: 2, again: 4 };
/** Greedily, a model that ran in circles would do so again. */
const temperatureAgain = 0.3;
const notJson = "it is not JSON";

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
  let terms = { room: roomFor(message, form), temperature: 0 };
  for (let attempt = 0; attempt < attempts && errors.length > 0; attempt++) {
    const asked = beside(conversation, value, question);
    const reply: Reply | Ending = yield* askWhole(turn, { conversation: asked, outputSchema: form.schema, ...terms });
    if ("reason" in reply) {
      yield* say(turn, message);
      return reply;
    }
    const given: AssistantMessage = { role: "assistant", text: reply.message.text, calls: [] };
    errors = errorsOf(given, form);
    // Some models write the whole value, and then blanks without end.
    if (reply.finish === "length" && errors[0] === notJson) {
      errors = ["it was cut off before its end"];
      turn.recovery.outputDoubled = true;
      terms = { room: terms.room * room.again, temperature: temperatureAgain };
      // What ran in circles is not shown again: it would only be gone on with.
      question = `${firstQuestion(form)}\nYour last one did not fit: ${errors[0]}. Write it as short as you can.`;
      continue;
    }
    conversation = asked;
    value = given;
    question = `That does not fit the schema: ${errors.join("; ")}. Give the JSON value again, and nothing else.`;
  }
  yield* say(turn, errors.length === 0 ? value : message);
  return errors.length === 0 ? { reason: "done" } : { reason: "error", error: misfit(errors) };
}

/** A value restates the answer in the schema's words. */
function roomFor({ text }: AssistantMessage, { schema }: AnswerForm): number {
  const words = Math.min(room.most, room.least + room.perSchema * JSON.stringify(schema).length);
  return words + room.perAnswer * text.length;
}

function errorsOf({ text }: AssistantMessage, form: AnswerForm): string[] {
  try {
    return form.errorsOf(parseUnknownJson(text, "the answer"));
  } catch (error) {
    if (error instanceof TrustError) return [notJson];
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
  if ((yield* recoverFromOverflow(turn, reply)) === "again") return yield* askWhole(turn, bound);
  return reply.finish === "abort" || reply.finish === "error" ? (endOfReply(reply) ?? reply) : reply;
}

const misfit = (errors: readonly string[]): NonNullable<Ending["error"]> => ({
  code: "MODEL_FAILED",
  message: `the model's answer does not fit the schema: ${errors.join("; ")}`,
  hint: "ask for less, make the schema simpler, or choose a stronger model (-m)",
});
