import { closingStart, firstTag, isBlankText, lastTag, tagStarts } from "./markup.ts";
import { sample } from "./probes.ts";
import type { Turns } from "./turns.ts";

/** Markers of thoughts, and of the answer behind them. */
export interface ThoughtMarkers {
  open: string;
  close: string;
  answerOpen: string;
}

/** Tags around thoughts that templates mention without writing them: they strip them, or want them in parts. */
const mentioned = /<\/((?:\w+:)?think(?:ing)?)>/;
const mentionedPairs: readonly (readonly [string, string])[] = [
  ["[THINK]", "[/THINK]"],
  ["<|START_THINKING|>", "<|END_THINKING|>"],
  ["<|inner_prefix|>", "<|inner_suffix|>"],
  ["<|channel>thought\n", "<channel|>"],
];

/** What most models were trained on, also where their templates never say so. */
const usualThought: ThoughtMarkers = { open: "<think>", close: "</think>", answerOpen: "" };

/** How a family marks thoughts: as its template writes one, as its prompt opens one, or as it mentions them. */
export function analyseThought(turns: Turns, template: string): ThoughtMarkers {
  return writtenThought(turns) ?? openedThought(turns) ?? mentionedThought(template) ?? usualThought;
}

function writtenThought({ thought }: Turns): ThoughtMarkers | undefined {
  if (thought === undefined) return undefined;
  const at = thought.text.indexOf(sample.thought);
  const answer = thought.text.indexOf(sample.answers[0], at);
  if (at < 0 || answer < 0) return undefined;
  const before = thought.text.slice(0, at);
  const between = thought.text.slice(at + sample.thought.length, answer);
  if (isBlankText(between)) return undefined;
  for (const start of tagStarts(before).toReversed().slice(0, 3)) {
    const open = before.slice(start);
    const close = closingStart(open, between);
    if (close !== undefined) return { open, ...split(between, close) };
  }
  const own = before.slice(thought.headerLength);
  const open = isBlankText(own) ? "" : own.slice(Math.max(0, own.search(/[<[]/)));
  return { open, ...split(between, firstTag(between) || between.trimEnd()) };
}

/** `close` takes the blanks behind it; what remains opens the answer. */
function split(between: string, close: string): { close: string; answerOpen: string } {
  const rest = between.slice(close.length);
  const answerOpen = rest.trimStart();
  return { close: close + rest.slice(0, rest.length - answerOpen.length), answerOpen };
}

/** The prompt ends inside a thought. */
function openedThought({ prompt }: Turns): ThoughtMarkers | undefined {
  const open = lastTag(prompt?.text.slice(prompt.headerLength) ?? "");
  const form = open === "" ? undefined : /<([\w:]+)>\s*$/.exec(open)?.[1];
  return form === undefined ? undefined : { open, close: `</${form}>`, answerOpen: "" };
}

function mentionedThought(template: string): ThoughtMarkers | undefined {
  const name = mentioned.exec(template)?.[1];
  if (name !== undefined) return { open: `<${name}>`, close: `</${name}>`, answerOpen: "" };
  const pair = mentionedPairs.find(
    ([open, close]) => template.includes(close) && template.includes(open.replace(/[a-z]+\n$/, "")),
  );
  return pair === undefined ? undefined : { open: pair[0], close: pair[1], answerOpen: "" };
}
