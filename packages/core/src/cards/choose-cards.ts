import type { Attachment, Message } from "../protocol/messages.ts";
import { languageOf } from "../syntax/index.ts";
import { type LanguageCard, languageCards } from "./language-cards.ts";

/** What a turn begins with. `messages` is the session before it. */
export interface CardFacts {
  text: string;
  attached: readonly Attachment[];
  messages: readonly Message[];
  mode: string;
  /** Cards, at most; those about the mode do not count. */
  most: number;
}

/** Cards that went with so many questions before need not be said again: the model still sees them. */
const remembered = 5;

/**
 * Short advice that fits what is asked now, chosen without a model: what the mode allows, what went wrong last, the
 * languages in play. It goes along with the question, behind everything that a cached prompt begins with.
 */
export function chooseCards({ most, ...facts }: CardFacts): Attachment[] {
  const earlier = facts.messages.filter(isSaid);
  const seen = new Set(earlier.slice(-remembered).flatMap((message) => sourcesOf(message)));
  const chosen = [...afterFailure(facts.messages), ...languagesInPlay(facts).map(asAttachment)];
  const fresh = chosen.filter(({ source }) => !seen.has(source));
  return [...modeCards(facts.mode, sourcesOf(earlier.at(-1))), ...fresh.slice(0, most)];
}

type UserMessage = Extract<Message, { role: "user" }>;

const isSaid = (message: Message): message is UserMessage => message.role === "user";

const sourcesOf = (message: UserMessage | undefined): string[] => message?.attached?.map(({ source }) => source) ?? [];

const planSource = "plan mode";
const planCard: Attachment = {
  source: planSource,
  text: "Look and plan; changes and commands are refused until the person approves. End with numbered steps that name the files.",
};
const planEnded: Attachment = { source: "plan mode has ended", text: "You may change files now." };

/** As long as the mode stays the same it is said with every question: it binds what is asked now. */
function modeCards(mode: string, before: readonly string[]): Attachment[] {
  if (mode === "plan") return [planCard];
  return before.includes(planSource) ? [planEnded] : [];
}

const editTools = new Set(["edit_file", "multi_edit", "replace_lines", "apply_patch"]);
const editCard: Attachment = {
  source: "card: edits",
  text: [
    "Your last edit did not fit the file. Read the place again just before you edit it.",
    "Copy old_text from what you read, whole lines with their indentation, without line numbers; two to six lines suffice.",
  ].join("\n"),
};

/** The last change that was tried in the turn before did not succeed. */
function afterFailure(messages: readonly Message[]): Attachment[] {
  const begin = messages.findLastIndex(isSaid);
  const last = messages.slice(begin + 1).findLast((message) => message.role === "tool" && editTools.has(message.name));
  return last?.role === "tool" && last.status === "failed" ? [editCard] : [];
}

const asAttachment = ({ name, text }: LanguageCard): Attachment => ({ source: `card: ${name}`, text });

/** Of files that are named now, then of languages that are, then of files that the last turn was about. */
function languagesInPlay({ text, attached, messages }: Omit<CardFacts, "most">): LanguageCard[] {
  const named = [text, ...attached.map(({ source }) => source)].flatMap(pathsIn);
  const cards = [
    ...named.map(cardOf),
    ...languageCards.filter(({ words }) => words.some((word) => says(text, word))),
    ...pathsOfLastTurn(messages).map(cardOf),
  ];
  return [...new Set(cards.filter((card) => card !== undefined))];
}

const pathsIn = (text: string): string[] => text.split(/[\s`'"(),;:]+/).filter((word) => /\w\.\w/.test(word));

function cardOf(path: string): LanguageCard | undefined {
  const language = languageOf(path);
  return language === undefined ? undefined : languageCards.find(({ languages }) => languages.includes(language));
}

/** As a word of its own: `java` is not in `javascript`. */
function says(text: string, word: string): boolean {
  const lower = text.toLowerCase();
  const isLetter = (at: number): boolean => /[\p{L}\p{N}_]/u.test(lower[at] ?? "");
  for (let at = lower.indexOf(word); at !== -1; at = lower.indexOf(word, at + 1)) {
    if (!isLetter(at - 1) && !isLetter(at + word.length)) return true;
  }
  return false;
}

function pathsOfLastTurn(messages: readonly Message[]): string[] {
  const begin = messages.findLastIndex(isSaid);
  return messages.slice(begin + 1).flatMap((message) => {
    if (message.role !== "assistant") return [];
    return message.calls.flatMap(({ args: { path } }) => (typeof path === "string" ? [path] : []));
  });
}
