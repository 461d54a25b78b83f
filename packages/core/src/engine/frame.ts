import * as z from "zod";

import { isSaidByPerson, type Message } from "../protocol/messages.ts";
import { PlanItem } from "../protocol/plan.ts";
import { oneLine } from "../protocol/words.ts";
import { eachCall } from "./pairs.ts";
import { statementsOf } from "./statements.ts";

const head = "[The earlier part of this conversation, shortened. What the person said, oldest first:";
const foot = "End of the earlier part.]";
/** Characters of one sentence: of the newest turns, of those before, of a mere question or request. */
const longest = { recent: 400, old: 160, request: 100, first: 400, operation: 120 };
const recentTurns = 10;
/** Questions and requests say little once they are answered. */
const recentRequests = 10;
/** How much of a frame each kind may take before the rest is shared out. */
const shares = { first: 0.5, statements: 0.6, operations: 0.3 };

type Section = "said" | "plan" | "files" | "commands";

interface Entry {
  section: Section;
  /** Place in the conversation. */
  order: number;
  text: string;
  weight: number;
}

/**
 * What is left of messages that are no longer sent: the person's own statements, the last operation on each file,
 * the commands with their outcome. Made without a model and from nothing but these messages, so that the same
 * messages give the same frame. At most `characters` long; what matters most stays longest. Empty when nothing fits.
 */
export function frameOf(messages: readonly Message[], characters: number): string {
  const opening = openingWords(messages, characters);
  const said = sentences(messages, opening?.text ?? "");
  const operations = [...plan(messages), ...files(messages), ...commands(messages)];
  const statements = said.filter(({ weight }) => weight > 0);
  const requests = said.filter(({ weight }) => weight <= 0);
  const chosen = new Set<Entry>();
  let left = characters - head.length - foot.length - overhead;
  const take = (entries: readonly Entry[], share: number): void => {
    let room = Math.min(left, Math.floor(characters * share));
    for (const entry of entries.toSorted(byWeight)) {
      const size = entry.text.length + entryOverhead;
      if (chosen.has(entry) || size > room) continue;
      chosen.add(entry);
      room -= size;
      left -= size;
    }
  };
  take(opening === undefined ? [] : [opening], shares.first);
  take(statements, shares.statements);
  take(operations, shares.operations);
  take(statements, 1);
  take(requests.slice(-recentRequests), 1);
  return written([...chosen]);
}

/** Section titles and line breaks. */
const overhead = 24;
const entryOverhead = 3;

const byWeight = (a: Entry, b: Entry): number => b.weight - a.weight || b.order - a.order;

function written(entries: readonly Entry[]): string {
  if (entries.length === 0) return "";
  const ordered = entries.toSorted((a, b) => a.order - b.order);
  const texts = (section: Section): string[] =>
    ordered.filter((entry) => entry.section === section).map(({ text }) => text);
  const line = (title: string, parts: readonly string[]): string[] =>
    parts.length === 0 ? [] : [`${title}: ${parts.join("; ")}`];
  return [
    head,
    ...texts("said").map((text) => `- ${text}`),
    ...line("Plan", texts("plan")),
    ...line("Files", texts("files")),
    ...line("Commands", texts("commands")),
    foot,
  ].join("\n");
}

/** The very first thing said is mostly the task itself, and stays before everything else. */
function openingWords(messages: readonly Message[], characters: number): Entry | undefined {
  const order = messages.findIndex(isSaidByPerson);
  const text = messages[order]?.text;
  if (text === undefined) return undefined;
  const most = Math.min(longest.first, Math.floor(characters * shares.first) - entryOverhead);
  return { section: "said", order, text: cut(oneLine(text), most), weight: Infinity };
}

function sentences(messages: readonly Message[], opening: string): Entry[] {
  const users = messages.flatMap((message, order) => (isSaidByPerson(message) ? [{ text: message.text, order }] : []));
  const seen = new Set<string>();
  return users.flatMap(({ text, order }, index) => {
    const most = index >= users.length - recentTurns ? longest.recent : longest.old;
    return statementsOf(text).flatMap(({ text: sentence, weight }): Entry[] => {
      if (seen.has(sentence) || opening.includes(sentence)) return [];
      seen.add(sentence);
      return [{ section: "said", order, text: cut(sentence, weight > 0 ? most : longest.request), weight }];
    });
  });
}

/** The steps of the last plan, each with how far it is. It matters more than what was done to single files. */
function plan(messages: readonly Message[]): Entry[] {
  const last = eachCall(messages).findLast(({ call, result }) => call.name === "plan" && result.status === "ok");
  const items = z.array(PlanItem).safeParse(last?.call.args["items"]);
  if (last === undefined || !items.success) return [];
  return items.data.map(({ text, status }): Entry => {
    const words = cut(oneLine(`${text} (${status.replace("_", " ")})`), longest.operation);
    return { section: "plan", order: last.index, text: words, weight: 2 };
  });
}

const verbs = new Map([
  ["read_file", "read"],
  ["edit_file", "edited"],
  ["write_file", "written"],
]);

/** The last operation on each file that succeeded; that it was changed outlasts that it was read. */
function files(messages: readonly Message[]): Entry[] {
  const last = new Map<string, Entry & { isRead: boolean }>();
  for (const { call, result, index } of eachCall(messages)) {
    const path = call.args["path"];
    if (typeof path !== "string" || result.status !== "ok") continue;
    const verb = verbs.get(call.name) ?? call.name;
    const isRead = verb === "read";
    if (isRead && last.get(path)?.isRead === false) continue;
    const text = cut(oneLine(`${path} ${verb} (${result.summary})`), longest.operation);
    last.set(path, { section: "files", order: index, text, weight: isRead ? 0 : 1, isRead });
  }
  return [...last.values()];
}

function commands(messages: readonly Message[]): Entry[] {
  const last = new Map<string, Entry>();
  for (const { call, result, index } of eachCall(messages)) {
    const { command } = call.args;
    if (typeof command !== "string") continue;
    const text = cut(oneLine(`${command} (${result.summary})`), longest.operation);
    last.set(command, { section: "commands", order: index, text, weight: 0 });
  }
  return [...last.values()];
}

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, Math.max(0, most - 1))}…` : text;
