import { isRecord, readArguments, tryParseJson } from "../call-arguments.ts";
import { qwenTags } from "../format/known-formats.ts";
import type { CallFormat } from "../format/tool-format.ts";
import { JsonDepth } from "../json-depth.ts";
import type { ReadBody } from "./call-body.ts";
import type { Reading, Source } from "./source.ts";

/**
 * Calls that a model printed as text, in a syntax that is not its own. They count only outside code fences, at the
 * beginning of a line, and where `judge` finds a tool of that name whose arguments fit.
 */
export interface LeakRules {
  judge: (name: string, args: Record<string, unknown>) => boolean;
  /** Reads a text as calls of another family's format; undefined where it is none. */
  read: (text: string, format: CallFormat) => ReadBody[] | undefined;
}

interface LeakForm {
  open: string;
  close: string;
  format: CallFormat;
}

const jsonBody = {
  kind: "json",
  nameKey: "name",
  argumentsKey: "arguments",
  idKey: undefined,
  wrapper: undefined,
} as const;
const plain = { lead: "", sectionOpen: "", sectionClose: "", separator: "\n", list: false } as const;

const listed = (sectionOpen: string): CallFormat => ({
  ...plain,
  sectionOpen,
  open: "",
  close: "",
  list: true,
  body: jsonBody,
});

/** The other families' ways that models fall back to. */
const forms: readonly LeakForm[] = [
  { open: "<function=", close: "</function>", format: { ...qwenTags, open: "", close: "" } },
  {
    open: "<tool_call>",
    close: "</tool_call>",
    format: { ...plain, open: "<tool_call>", close: "</tool_call>", body: jsonBody },
  },
  { open: "<tool_call>", close: "</tool_call>", format: qwenTags },
  { open: "[TOOL_CALLS]", close: "", format: listed("[TOOL_CALLS]") },
  { open: "functools", close: "", format: listed("functools") },
];

/** Calls printed as text are short; a file that is quoted is not looked through for them. */
const longestLeak = 1 << 16;
/** After so many texts that only look like calls no more are looked for in a reply. */
export const triedLeaks = 16;

export const leakMarkers: readonly string[] = [...new Set(forms.map(({ open }) => open)), "{"];

/** A leaked call that comes next: what it says, and how long its text is. Takes nothing. */
export function* leakAhead(
  source: Source,
  marker: string,
  rules: LeakRules,
): Reading<{ calls: ReadBody[]; length: number } | undefined> {
  if (marker === "{") return yield* bareCallAhead(source, rules);
  for (const { open, close, format } of forms) {
    if (open !== marker) continue;
    const length = format.list ? yield* lengthOfList(source, open) : yield* lengthTo(source, close);
    if (length === undefined) continue;
    const calls = rules.read(source.text.slice(source.at, source.at + length), format);
    if (calls !== undefined && calls.length > 0 && calls.every((call) => isMeant(call, rules))) {
      return { calls, length };
    }
  }
  return undefined;
}

/** How far the text goes to the last `close` before other text begins. */
function* lengthTo(source: Source, close: string): Reading<number | undefined> {
  let offset = 1;
  while (true) {
    const found = source.text.slice(source.at, source.at + longestLeak).indexOf(close, offset);
    if (found >= 0) return found + close.length;
    if (source.ended || source.text.length - source.at >= longestLeak) return undefined;
    offset = Math.max(1, source.text.length - source.at - close.length);
    yield;
  }
}

/** How far a marker and the JSON list behind it go. */
function* lengthOfList(source: Source, open: string): Reading<number | undefined> {
  const blanks = yield* source.blanksAhead(open.length);
  const length = yield* objectLength(source, open.length + blanks);
  return length === undefined ? undefined : open.length + blanks + length;
}

function* bareCallAhead(source: Source, rules: LeakRules): Reading<{ calls: ReadBody[]; length: number } | undefined> {
  if (!(yield* beginsLikeCall(source))) return undefined;
  const length = yield* objectLength(source);
  if (length === undefined) return undefined;
  const parsed = tryParseJson(source.text.slice(source.at, source.at + length), "call");
  const call = parsed.ok && isRecord(parsed.value) ? bareCall(parsed.value) : undefined;
  return call !== undefined && isMeant(call, rules) ? { calls: [call], length } : undefined;
}

/** What must be repaired to be a call may be meant for people. */
const isMeant = ({ name, args, repairs }: ReadBody, { judge }: LeakRules): boolean =>
  repairs.length === 0 && judge(name, args);

const callHead = /^\{\s*"(?:name|tool|tool_name|function)"\s*:/;

/** Any other object is text as soon as its first key tells. */
function* beginsLikeCall(source: Source): Reading<boolean> {
  while (true) {
    const head = source.text.slice(source.at, source.at + longestHead);
    if (callHead.test(head)) return true;
    if (source.ended || !couldBeHead(head)) return false;
    yield;
  }
}

const longestHead = 200;
const couldBeHead = (head: string): boolean => head.length < longestHead && /^\{\s*("(\w*("\s*:?)?)?)?$/.test(head);

/** The length of the JSON object or list at an offset; undefined where none is or it does not end. */
function* objectLength(source: Source, from = 0): Reading<number | undefined> {
  if (!"{[".includes((yield* source.peek(from)) || " ")) return undefined;
  const depth = new JsonDepth();
  for (let offset = from; offset < longestLeak; offset++) {
    const character = yield* source.peek(offset);
    if (character === "" || depth.isTooDeep) return undefined;
    if (depth.push(character)) return offset + 1 - from;
  }
  return undefined;
}

function bareCall(value: Record<string, unknown>): ReadBody | undefined {
  const inner = isRecord(value["function"]) ? value["function"] : value;
  const name = [inner["name"], inner["tool"], inner["tool_name"], inner["function"]].find(
    (one) => typeof one === "string",
  );
  const args = readArguments(inner["arguments"] ?? inner["parameters"] ?? inner["args"] ?? inner["input"]);
  return typeof name !== "string" || !args.ok
    ? undefined
    : { name, args: args.value.args, repairs: args.value.repairs };
}
