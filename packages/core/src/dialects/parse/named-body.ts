import type { CallBody } from "../format/tool-format.ts";
import { type BodyContext, BrokenBody, type ReadBody } from "./call-body.ts";
import { readArgumentObject } from "./json-body.ts";
import type { Reading } from "./source.ts";

type NamedBody = Extract<CallBody, { kind: "named" }>;

const longestName = 200;

/** `f` and its arguments as one JSON object, with what the family writes around and between them. */
export function* readNamedBody(context: BodyContext, body: NamedBody): Reading<ReadBody> {
  const { source } = context;
  if (body.id?.place === "before-name") yield* skipUpTo(context, body.id.close);
  const after = body.id?.place === "after-name" ? body.id.open : "";
  const name = (yield* textUpTo(context, [after, body.nameClose, "{", "\n"])).trim();
  checkName(name);
  context.name(name);
  if (yield* source.acceptLoose(after)) yield* textUpTo(context, [body.id?.close ?? "", body.nameClose, "{"]);
  if (body.id?.place === "after-name") yield* source.acceptLoose(body.id.close);
  yield* source.acceptLoose(body.nameClose);
  yield* source.blanks();
  const args = (yield* source.peek()) === "{" ? yield* readArgumentObject(context) : yield* noArguments(context);
  return { name, args, repairs: [] };
}

function* skipUpTo(context: BodyContext, marker: string): Reading {
  yield* textUpTo(context, [marker]);
  yield* context.source.acceptLoose(marker);
}

/** A call may have nothing between its name and its end. */
function* noArguments({ source, format }: BodyContext): Reading<Record<string, unknown>> {
  if ((yield* source.endOf(format.close)) === undefined && !source.done) {
    throw new BrokenBody("the arguments are missing");
  }
  return {};
}

/** Takes text up to the core of one of some markers, which is left; it must come soon. */
export function* textUpTo({ source, format }: BodyContext, markers: readonly string[]): Reading<string> {
  const ends = [...markers.map((marker) => marker.trim() || marker), format.close.trim()].filter((end) => end !== "");
  for (let length = 0; length <= longestName; length++) {
    for (const end of ends) if (yield* source.sees(end, length)) return source.take(length);
    if ((yield* source.peek(length)) === "") return source.take(length);
  }
  throw new BrokenBody("the call has no name that can be read");
}

/** What a tool may be called: anything else between a call's markers is no call of a tool. */
const toolName = /^[\p{L}\p{N}_.:/@-]+$/u;

/** Throws BrokenBody for a name that no tool can have. */
export function checkName(name: string): string {
  if (name === "") throw new BrokenBody("the tool's name is missing");
  if (!toolName.test(name)) throw new BrokenBody(`${JSON.stringify(name)} is no name of a tool`);
  return name;
}
