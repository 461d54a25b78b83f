import type { Message, ToolMessage } from "../protocol/messages.ts";
import type { ToolCall } from "../protocol/tool-call.ts";

interface Shortening {
  messages: Message[];
  stubbed: number;
  dropped: number;
}

type Step = (messages: readonly Message[]) => Shortening | undefined;

const stubPrefix = "[dropped to save context:";

/**
 * The ways to make a conversation shorter without a model, mildest first. Each returns undefined when
 * it has nothing left to give. Calls and their results stay together; the system message and the last
 * user message stay whole.
 */
export const shorteningSteps: readonly Step[] = [
  stubFirst((messages) => isSuperseded(messages)),
  stubFirst((messages) => (index) => index < lastUserIndex(messages)),
  dropOldestTurn,
  stubFirst((messages) => (index) => index < messages.length - 1),
];

function stubFirst(choose: (messages: readonly Message[]) => (index: number) => boolean): Step {
  return (messages) => {
    const wanted = choose(messages);
    const at = messages.findIndex((message, index) => isWhole(message) && wanted(index));
    const target = messages[at];
    if (target?.role !== "tool") return undefined;
    return { messages: messages.with(at, stub(target)), stubbed: 1, dropped: 0 };
  };
}

const isWhole = (message: Message): boolean =>
  message.role === "tool" && !message.text.startsWith(stubPrefix) && message.text.length > 120;

function stub(message: ToolMessage): ToolMessage {
  return { ...message, text: `${stubPrefix} ${message.name}, ${message.summary}. Call it again to see it.]` };
}

/** A result is superseded when a later call names the same path: a newer read, or a change of that file. */
function isSuperseded(messages: readonly Message[]): (index: number) => boolean {
  const paths = pathsByCall(messages);
  const newest = new Map<string, number>();
  for (const [index, message] of messages.entries()) {
    const path = message.role === "tool" ? paths.get(message.callId) : undefined;
    if (path !== undefined) newest.set(path, index);
  }
  return (index) => {
    const message = messages[index];
    const path = message?.role === "tool" ? paths.get(message.callId) : undefined;
    return path !== undefined && (newest.get(path) ?? index) > index;
  };
}

function pathsByCall(messages: readonly Message[]): Map<string, string> {
  const calls: ToolCall[] = messages.flatMap((message) => (message.role === "assistant" ? message.calls : []));
  const paths = new Map<string, string>();
  for (const call of calls) {
    const path = call.args["path"];
    if (typeof path === "string") paths.set(call.id, path);
  }
  return paths;
}

function lastUserIndex(messages: readonly Message[]): number {
  return messages.findLastIndex(({ role }) => role === "user");
}

/** Drops the oldest turn: a user message and everything up to the next one. Never the last turn. */
function dropOldestTurn(messages: readonly Message[]): Shortening | undefined {
  const first = messages.findIndex(({ role }) => role === "user");
  const next = messages.findIndex(({ role }, index) => role === "user" && index > first);
  if (first < 0 || next < 0) return undefined;
  return { messages: [...messages.slice(0, first), ...messages.slice(next)], stubbed: 0, dropped: next - first };
}
