import { type AnalysedCalls, analyseCalls } from "./analyse-calls.ts";
import { analyseThought, type ThoughtMarkers } from "./analyse-thought.ts";
import { entryFor } from "./entries.ts";
import { genericFormat } from "./known-formats.ts";
import { closingStart, firstTag, isBlankText, isControlLike, lastTag, tagPrefixes, tagStarts } from "./markup.ts";
import { sample } from "./probes.ts";
import type { TemplateAbilities, ThoughtFormat, ToolFormat } from "./tool-format.ts";
import { cutTurns, type Turns } from "./turns.ts";

/** No family needs that much for a sentence and two calls. */
const longestRendering = 100_000;

/**
 * The format of a family, told from its chat template alone: by comparing what the template makes of conversations
 * with and without thoughts, calls and results (`probes`). `renderings` holds those that it could render.
 */
export function analyseTemplate(template: string, renderings: ReadonlyMap<string, string>): ToolFormat {
  const usable = new Map([...renderings].filter(([, text]) => text.length <= longestRendering));
  const turns = cutTurns(usable);
  const thought = analyseThought(turns, template);
  const answer = answerOf(turns, thought);
  const found = analyseCalls(usable, { turns, thoughtClose: thought.close, answer, template });
  const format: ToolFormat = {
    origin: "template",
    thought: thoughtFormat(thought, turns),
    answer,
    ...(found ?? noCalls),
    messages: undefined,
    turnMarkers: turnMarkers(turns, answer, thought),
    writes: abilities(usable, found),
  };
  const corrected = entryFor(template)?.(format) ?? format;
  return corrected.calls === undefined ? genericFormat(corrected) : corrected;
}

const noCalls = { calls: undefined, argumentsAs: "object", ids: "own", result: undefined, parallel: false } as const;

/** What of a conversation survives the template. */
function abilities(renderings: ReadonlyMap<string, string>, found: AnalysedCalls | undefined): TemplateAbilities {
  const holds = (name: string, text: string): boolean => renderings.get(name)?.includes(text) === true;
  return {
    tools: holds("prompt", sample.names[1]),
    calls: found !== undefined,
    results: found?.result !== undefined,
    system: holds("system", sample.system),
    rows: holds("rows", sample.answers[0]),
  };
}

function thoughtFormat({ open, close }: ThoughtMarkers, { prompt }: Turns): ThoughtFormat {
  const own = prompt?.text.slice(prompt.headerLength) ?? "";
  return { open, close, prewritten: isBlankText(open) ? own.trimStart() : "" };
}

/** What the template writes around an answer besides the header and an empty thought before it. */
function answerOf({ texts }: Turns, thought: ThoughtMarkers): ToolFormat["answer"] {
  const [plain] = texts ?? [];
  if (plain === undefined) return { open: thought.answerOpen.trim(), close: "" };
  const at = plain.text.indexOf(sample.answers[0]);
  const open = answerOpen(plain.text.slice(Math.min(plain.headerLength, at), at), thought);
  if (open === "") return { open, close: "" };
  const after = plain.text.slice(at + sample.answers[0].length);
  return { open, close: (closingStart(open, after) ?? firstTag(after)).trim() };
}

function answerOpen(before: string, thought: ThoughtMarkers): string {
  const close = thought.close.trim();
  const end = before.lastIndexOf(close);
  const own = (end < 0 ? before : before.slice(end + close.length)).trim();
  if (own !== "" && own === thought.open.trim()) return "";
  return own || thought.answerOpen.trim();
}

const longestTurnMarker = 80;

/** Markers that end the assistant's turn, and those that begin it. */
function turnMarkers({ texts }: Turns, answer: ToolFormat["answer"], thought: ThoughtMarkers): string[] {
  const [plain] = texts ?? [];
  if (plain === undefined) return [];
  const at = plain.text.indexOf(sample.answers[0]);
  const after = plain.text.slice(at + sample.answers[0].length).trim();
  const end = answer.close !== "" && after.startsWith(answer.close) ? after.slice(answer.close.length) : after;
  const header = plain.text.slice(0, plain.headerLength);
  const begin = header.slice(tagStarts(header).at(-1) ?? header.length);
  const stray = firstTag(thought.open ?? "");
  const others = [thought.open.trim(), thought.close.trim(), answer.open];
  return [
    ...new Set([...tagPrefixes(end), begin.trim(), lastTag(header).trim(), isControlLike(stray) ? stray.trim() : ""]),
  ].filter((marker) => marker !== "" && marker.length <= longestTurnMarker && !others.includes(marker));
}
