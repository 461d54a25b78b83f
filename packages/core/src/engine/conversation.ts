import { asSent, isSaidByPerson, type Message } from "../protocol/messages.ts";

/**
 * `log` is everything that was said, append-only. `view` is what the model is sent: the same messages
 * with what is attached to them, some shortened by compaction. The view changes only by appending, or when compaction must make room,
 * so that the prompt's prefix stays byte-stable in between.
 */
export interface Conversation {
  readonly log: Message[];
  view: Message[];
  /** What the first user message of the view tells of before its own text; undefined: nothing. */
  frame: Frame | undefined;
}

/**
 * The messages of the log in `from` ≤ index < `to` are sent as a frame of at most so many characters, at the head of
 * the user message `user`. Behind that message the view holds the log's last messages, one for one.
 */
interface Frame {
  from: number;
  to: number;
  user: number;
  characters: number;
  /** What was attached to that message is only named. */
  isDetached: boolean;
}

export function createConversation(systemText: string, messages: readonly Message[] = []): Conversation {
  const all: Message[] = [{ role: "system", text: systemText }, ...messages.filter(({ role }) => role !== "system")];
  return { log: all, view: all.map((message) => asSent(message)), frame: undefined };
}

export function append(conversation: Conversation, message: Message): void {
  conversation.log.push(message);
  conversation.view.push(asSent(message));
}

/** Leaves all but the last `turns` turns out of the view, for models that earlier turns only confuse. */
export function keepLastTurns(conversation: Conversation, turns: number): void {
  const starts = conversation.view.flatMap((message, index) => (isSaidByPerson(message) ? [index] : []));
  const from = turns === 0 ? conversation.view.length : starts.at(-turns);
  if (from === undefined) return;
  if (from !== starts[0]) conversation.frame = undefined;
  conversation.view = conversation.view.filter(({ role }, index) => role === "system" || index >= from);
}
