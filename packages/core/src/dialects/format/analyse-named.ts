import { type FoundObject, objectHolding } from "./call-text.ts";
import { type CallRegion, frameOf, type Pieces } from "./frame.ts";
import { commonPrefix, commonSuffix } from "./markup.ts";
import { sample } from "./probes.ts";
import type { CallFormat, IdPlace } from "./tool-format.ts";

interface NamedCall {
  start: number;
  between: string;
  args: FoundObject;
}

/** `f` and behind it its arguments as one JSON object. */
export function analyseNamed({ one, two, ids }: CallRegion): CallFormat | undefined {
  const first = namedCall(one, 0, 0);
  if (first === undefined) return undefined;
  const pair = two === undefined ? undefined : bothCalls(two, ids[1]);
  const before = withoutId(one.slice(0, first.start), ids[0]);
  const pieces: Pieces = {
    before: before.text,
    between: pair?.between,
    after: pair?.after ?? one.slice(first.args.end),
  };
  const id: IdPlace | undefined =
    before.behindId === undefined
      ? idAfterName(first, pair?.second, ids)
      : { place: "before-name", open: "", close: before.behindId };
  const nameClose = id?.place === "after-name" ? id.close : first.between;
  return { ...frameOf(pieces), lead: "", body: { kind: "named", nameClose, id } };
}

/** The second of two calls, and what stands before and behind it. */
function bothCalls(two: string, id: string): { second: NamedCall; between: string; after: string } | undefined {
  const first = namedCall(two, 0, 0);
  const second = first === undefined ? undefined : namedCall(two, 1, first.args.end);
  if (first === undefined || second === undefined) return undefined;
  const between = withoutId(two.slice(first.args.end, second.start), id).text;
  return { second, between, after: two.slice(second.args.end) };
}

function namedCall(text: string, index: 0 | 1, from: number): NamedCall | undefined {
  const start = text.indexOf(sample.names[index], from);
  if (start < 0) return undefined;
  const end = start + sample.names[index].length;
  const args = objectHolding(text, sample.keys[0], end);
  return args === undefined ? undefined : { start, between: text.slice(end, args.start), args };
}

/** Text before a name, cut off before the call's id where one stands there. */
function withoutId(text: string, id: string): { text: string; behindId: string | undefined } {
  const at = text.lastIndexOf(id);
  if (at < 0 || id.includes(sample.names[0])) return { text, behindId: undefined };
  return { text: text.slice(0, at), behindId: text.slice(at + id.length) };
}

/** What changes from call to call between name and arguments is an id or an index. */
function idAfterName(first: NamedCall, second: NamedCall | undefined, ids: readonly string[]): IdPlace | undefined {
  const known = ids.find((id) => first.between.includes(id));
  if (known !== undefined) {
    const [open = "", close = ""] = first.between.split(known);
    return { place: "after-name", open, close };
  }
  if (second === undefined || second.between === first.between) return indexAfterName(first.between);
  const open = commonPrefix(first.between, second.between);
  return { place: "after-name", open, close: commonSuffix(first.between, second.between) };
}

/** A family that writes one call at a time may still number it, as in `f:0`. */
function indexAfterName(between: string): IdPlace | undefined {
  const numbered = /^(:)\d+(.*)$/s.exec(between);
  return numbered === null ? undefined : { place: "after-name", open: ":", close: numbered[2] ?? "" };
}
