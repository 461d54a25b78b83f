import { asSent, isSaidByPerson, type Message, type ToolMessage, type UserMessage } from "../protocol/messages.ts";
import type { Conversation } from "./conversation.ts";
import { frameOf } from "./frame.ts";
import { eachCall } from "./pairs.ts";

/** A shorter view, and how many messages became stubs or went into the frame. */
interface Shortening extends Pick<Conversation, "view" | "frame"> {
  stubbed: number;
  dropped: number;
}

/** Makes a view shorter by one notch; undefined when it has nothing left to give. `room`: characters of a frame. */
export type Step = (conversation: Conversation, room: number) => Shortening | undefined;

const stubPrefix = "[dropped to save context:";

/**
 * The ways to make a conversation shorter without a model, mildest first. Calls and their results stay together; the
 * system message, the last user message and the current turn stay whole.
 */
export const mildSteps: readonly Step[] = [
  stubFirst((messages) => isSuperseded(messages)),
  detachOldest,
  stubFirst((messages) => (index) => index < lastSaidIndex(messages)),
  frameOldestTurn,
];

/** Results of the current turn, all but the newest message: only when the prompt could not be sent otherwise. */
export const currentTurnSteps: readonly Step[] = [stubFirst((messages) => (index) => index < messages.length - 1)];

/** What can be given up when even that does not suffice. */
export const lastResorts: readonly Step[] = [frameOldestStep, shrinkFrame];

function stubFirst(choose: (messages: readonly Message[]) => (index: number) => boolean): Step {
  return ({ view, frame }) => {
    const wanted = choose(view);
    const at = view.findIndex((message, index) => isWhole(message) && wanted(index));
    const target = view[at];
    if (target?.role !== "tool") return undefined;
    return { view: view.with(at, stub(target)), frame, stubbed: 1, dropped: 0 };
  };
}

const isWhole = (message: Message): boolean =>
  message.role === "tool" && !message.text.startsWith(stubPrefix) && message.text.length > 120;

function stub(message: ToolMessage): ToolMessage {
  return { ...message, text: `${stubPrefix} ${message.name}, ${message.summary}. Call it again to see it.]` };
}

/** A result is superseded when a later call names the same path: a newer read, or a change of that file. */
function isSuperseded(messages: readonly Message[]): (index: number) => boolean {
  const newest = new Map<string, number>();
  const paths = new Map<number, string>();
  for (const { call, index } of eachCall(messages)) {
    const path = call.args["path"];
    if (typeof path !== "string") continue;
    newest.set(path, index);
    paths.set(index, path);
  }
  return (index) => (newest.get(paths.get(index) ?? "") ?? index) > index;
}

/** Takes what was attached to the oldest question from it, which then only names it. Never from the last one. */
function detachOldest({ log, view, frame }: Conversation): Shortening | undefined {
  const last = lastSaidIndex(view);
  for (const [index, message] of view.slice(0, Math.max(0, last)).entries()) {
    const said = log[log.length - view.length + index];
    if (said === undefined || !isSaidByPerson(said) || said.attached === undefined) continue;
    if (asSent(said).text !== message.text) continue;
    return { view: view.with(index, { role: "user", text: detached(said) }), frame, stubbed: 1, dropped: 0 };
  }
  return undefined;
}

function detached({ attached, text }: UserMessage): string {
  const sources = attached?.map(({ source }) => source).join(", ");
  return `${stubPrefix} ${sources}]\n\n${text}`;
}

const lastSaidIndex = (messages: readonly Message[]): number => messages.findLastIndex(isSaidByPerson);

/** Puts the oldest turn into the frame: a user message and everything up to the next one. Never the last turn. */
function frameOldestTurn({ log, view, frame }: Conversation, room: number): Shortening | undefined {
  const first = view.findIndex(isSaidByPerson);
  const next = view.findIndex((message, index) => isSaidByPerson(message) && index > first);
  if (first < 0 || next < 0) return undefined;
  const inLog = (index: number): number => log.length - (view.length - index);
  const to = inLog(next);
  const said = log[to];
  const isDetached = said !== undefined && isSaidByPerson(said) && view[next]?.text === detached(said);
  const wider = { from: frame?.from ?? inLog(first), to, user: to, characters: room, isDetached };
  return framed({ log, view, frame: wider }, next + 1, next - first);
}

/** Puts the oldest reply of the current turn into the frame, with its results. Never the last reply. */
function frameOldestStep({ log, view, frame }: Conversation, room: number): Shortening | undefined {
  const user = lastSaidIndex(view);
  const first = view.findIndex(({ role }, index) => role === "assistant" && index > user);
  const next = view.findIndex(({ role }, index) => role === "assistant" && index > first);
  if (user < 0 || first < 0 || next < 0 || view.findIndex(isSaidByPerson) !== user) return undefined;
  const inLog = (index: number): number => log.length - (view.length - index);
  const own = frame ?? { from: inLog(user), user: inLog(user), characters: room, isDetached: false };
  return framed({ log, view, frame: { ...own, to: inLog(next) } }, next, next - first);
}

function shrinkFrame({ log, view, frame }: Conversation): Shortening | undefined {
  if (frame === undefined || frame.characters === 0) return undefined;
  const half = Math.floor(frame.characters / 2);
  const characters = half < smallestFrame ? 0 : half;
  return framed({ log, view, frame: { ...frame, characters } }, view.findIndex(isSaidByPerson) + 1, 0);
}

const smallestFrame = 100;

/** The view with its frame, from `rest` on as before. */
function framed(
  { log, view, frame }: Conversation & { frame: NonNullable<Conversation["frame"]> },
  rest: number,
  dropped: number,
): Shortening {
  const { from, to, user, characters, isDetached } = frame;
  const covered = log.slice(from, to).filter((message) => message !== log[user]);
  const said = log[user];
  const own = said?.role === "user" && isDetached ? detached(said) : said === undefined ? "" : asSent(said).text;
  const text = [frameOf(covered, characters), own].filter((part) => part !== "").join("\n\n");
  const system = view.filter(({ role }) => role === "system");
  return { view: [...system, { role: "user", text }, ...view.slice(rest)], frame, stubbed: 0, dropped };
}

const longestShortened = 400;

/** Cuts the result at the end of the view to its beginning; false when there is none that is long. */
export function shortenLastResult(conversation: Conversation): boolean {
  const last = conversation.view.at(-1);
  if (last?.role !== "tool" || last.text.length <= longestShortened) return false;
  const kept = last.text.slice(0, Math.max(longestShortened, Math.floor(last.text.length / 4)));
  const text = `${kept}\n[shortened: the rest was left out. Call it again for a smaller part.]`;
  conversation.view = conversation.view.with(-1, { ...last, text });
  return true;
}
