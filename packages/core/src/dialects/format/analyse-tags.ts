import { type CallRegion, closeOf } from "./frame.ts";
import {
  closeForms,
  commonPrefix,
  commonSuffix,
  isBlankText,
  tagStarts,
  withoutOpenEnd,
  withoutOpenStart,
} from "./markup.ts";
import { sample } from "./probes.ts";
import { type CallFormat, keyPlace, type TaggedBody } from "./tool-format.ts";

/** The pieces of a call in tags: before the name, between names and values, and behind the last value. */
interface TagPieces {
  before: string;
  toKey: string;
  keyToText: string;
  toOtherKey: string;
  keyToNumber: string;
  after: string;
}

/** `f` and its arguments as tags around raw text. */
export function analyseTags({ one, two, template }: CallRegion): CallFormat | undefined {
  const pieces = cut(one);
  if (pieces === undefined) return undefined;
  const keyOpen = keyOpenOf(pieces);
  const written = pieces.toOtherKey.slice(0, pieces.toOtherKey.length - keyOpen.length);
  const nested = written.includes(sample.keys[0]);
  const valueClose = written.replace(sample.keys[0], keyPlace);
  const cdata = template.includes("<![CDATA[");
  const value = { keyOpen, valueClose, nested, cdata, ...keyCloseOf(pieces) };
  const lastClose = valueClose.replace(keyPlace, sample.keys[1]);
  if (!pieces.after.startsWith(lastClose)) return undefined;
  const tail = pieces.after.slice(lastClose.length);
  const name = { nameClose: pieces.toKey.slice(0, pieces.toKey.length - keyOpen.length), nameRest: undefined };
  const second = two === undefined ? undefined : secondCall(two, valueClose.replace(keyPlace, sample.keys[0]));
  const frame = tagFrame({ before: pieces.before, between: second?.between, after: second?.after ?? tail });
  return {
    ...frame.outer,
    lead: "",
    list: false,
    body: { kind: "tagged", ...frame.inner, ...value, ...nameEnd(name.nameClose, second?.toKey, keyOpen) },
  };
}

function cut(text: string): TagPieces | undefined {
  const marks = [sample.names[0], sample.keys[0], sample.text, sample.keys[1], String(sample.number)];
  const pieces: string[] = [];
  let at = 0;
  for (const mark of marks) {
    const found = text.indexOf(mark, at);
    if (found < 0) return undefined;
    pieces.push(text.slice(at, found));
    at = found + mark.length;
  }
  const [before = "", toKey = "", keyToText = "", toOtherKey = "", keyToNumber = ""] = pieces;
  // A nested format writes the first key once more in its close tag: the pieces stay right, since we cut at the other key.
  return { before, toKey, keyToText, toOtherKey, keyToNumber, after: text.slice(at) };
}

const keyOpenOf = ({ toKey, toOtherKey }: TagPieces): string => withoutOpenStart(commonSuffix(toKey, toOtherKey));

/** What differs between the key of a text and that of a number is an attribute with the value's type. */
function keyCloseOf({ keyToText, keyToNumber }: TagPieces): Pick<TaggedBody, "keyClose" | "attribute"> {
  if (keyToText === keyToNumber) return { keyClose: keyToText, attribute: undefined };
  const open = commonPrefix(keyToText, keyToNumber).replace(/\w+$/, "");
  const close = commonSuffix(keyToText, keyToNumber).replace(/^\w+/, "");
  const stringTag = keyToText.slice(open.length, keyToText.length - close.length);
  return { keyClose: keyToText, attribute: { open, close, stringTag } };
}

interface SecondCall {
  between: string;
  toKey: string;
  after: string;
}

function secondCall(two: string, valueClose: string): SecondCall | undefined {
  const number = two.indexOf(String(sample.number)) + String(sample.number).length;
  const start = two.indexOf(sample.names[1], number);
  if (start < 0) return undefined;
  const key = two.indexOf(sample.keys[0], start);
  const value = two.indexOf(sample.text, key) + sample.text.length;
  const numberClose = valueClose.replace(sample.keys[0], sample.keys[1]);
  return {
    between: two.slice(number + numberClose.length, start),
    toKey: two.slice(start + sample.names[1].length, key),
    after: two.slice(value + valueClose.length),
  };
}

/** The end of the name's tag; where it changes from call to call, what stands around the change. */
function nameEnd(
  nameClose: string,
  otherToKey: string | undefined,
  keyOpen: string,
): Pick<TaggedBody, "nameClose" | "nameRest"> {
  const other = otherToKey?.slice(0, otherToKey.length - keyOpen.length) ?? nameClose;
  if (other === nameClose) return { nameClose, nameRest: undefined };
  return { nameClose: commonPrefix(nameClose, other), nameRest: commonSuffix(nameClose, other) };
}

interface TagFrame {
  outer: Pick<CallFormat, "sectionOpen" | "sectionClose" | "open" | "close" | "separator">;
  inner: Pick<TaggedBody, "nameOpen" | "bodyClose">;
}

/** Tells the markers of a section, of each call, and of the call's name from each other. */
function tagFrame({
  before,
  between,
  after,
}: {
  before: string;
  between: string | undefined;
  after: string;
}): TagFrame {
  const callOpen = between === undefined ? before : withoutOpenStart(commonSuffix(before, between));
  const sectionOpen = before.slice(0, before.length - callOpen.length);
  const section = isBlankText(sectionOpen) ? "" : sectionOpen;
  const shared = between === undefined ? after : withoutOpenEnd(commonPrefix(between, after));
  const { open, nameOpen } = splitOpen(callOpen);
  const { bodyClose, close } = splitClose(open, nameOpen, shared);
  const closed = bodyClose.length + close.length;
  return {
    outer: {
      sectionOpen: section,
      sectionClose: section === "" ? "" : closeOf(section, after.slice(closed)),
      open,
      close,
      separator: between?.slice(closed, between.length - callOpen.length) ?? "\n",
    },
    inner: { nameOpen, bodyClose },
  };
}

/** A tag that is complete stands before the name; one that is not holds it. */
function splitOpen(callOpen: string): { open: string; nameOpen: string } {
  const starts = tagStarts(callOpen);
  const last = starts.at(-1);
  const unfinished = callOpen.lastIndexOf("<");
  if (unfinished >= 0 && unfinished > callOpen.lastIndexOf(">")) {
    return { open: callOpen.slice(0, unfinished), nameOpen: callOpen.slice(unfinished) };
  }
  if (last !== undefined && !/[>\]]\s*$/.test(callOpen))
    return { open: callOpen.slice(0, last), nameOpen: callOpen.slice(last) };
  return { open: callOpen, nameOpen: "" };
}

function splitClose(open: string, nameOpen: string, shared: string): { bodyClose: string; close: string } {
  if (nameOpen === "") return { bodyClose: "", close: closeOf(open, shared) };
  if (isBlankText(open)) return { bodyClose: closeOf(tagOf(nameOpen), shared), close: "" };
  const form = closeForms(open).find((candidate) => shared.includes(candidate));
  if (form === undefined) return { bodyClose: shared, close: "" };
  const body = shared.slice(0, shared.indexOf(form));
  const blanks = body.length - body.trimEnd().length;
  const bodyClose = body.slice(0, body.length - blanks);
  return { bodyClose, close: shared.slice(bodyClose.length, shared.indexOf(form) + form.length) };
}

/** `<function=` and `<invoke name="` as whole tags, whose ends are known. */
const tagOf = (nameOpen: string): string => nameOpen.replace(/^(\s*<[^\s=<>]+)[\s=].*$/s, "$1>");
