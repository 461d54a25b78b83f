import type { Repair } from "../../protocol/tool-call.ts";
import { isRecord, readArguments, tryParseJson } from "../call-arguments.ts";
import type { CallBody } from "../format/tool-format.ts";
import { type BodyContext, BrokenBody, type ReadBody } from "./call-body.ts";
import { readJsonString, readJsonValue } from "./json-reader.ts";
import type { Reading } from "./source.ts";

type JsonBody = Extract<CallBody, { kind: "json" }>;

/** Keys that models use besides their family's own. */
const nameKeys = ["name", "tool_name", "function_name", "tool"];
const argumentKeys = ["arguments", "parameters", "args", "input"];

interface Fields {
  name?: string;
  args?: unknown;
  repairs: Repair[];
}

/** `{"name": "f", "arguments": {…}}`, in any order of keys. */
export function* readJsonBody(context: BodyContext, body: JsonBody): Reading<ReadBody> {
  const fields: Fields = { repairs: [] };
  yield* readFields(context, body, fields);
  const { name, repairs } = fields;
  if (name === undefined || name === "") throw new BrokenBody('the call has no "name"');
  const args = readArguments(fields.args);
  if (!args.ok) throw new BrokenBody(args.error.message);
  repairs.push(...args.value.repairs);
  return { name, args: args.value.args, repairs };
}

function* readFields(context: BodyContext, body: JsonBody, fields: Fields): Reading {
  const { source } = context;
  yield* source.blanks();
  if (!(yield* source.accept("{"))) throw new BrokenBody("a call must be a JSON object");
  for (let first = true; ; first = false) {
    yield* source.blanks();
    if (yield* source.accept("}")) return;
    if (!first && !(yield* source.accept(","))) throw new BrokenBody("a comma is missing in the call");
    yield* source.blanks();
    const key = yield* readString(context);
    yield* source.blanks();
    if (!(yield* source.accept(":"))) throw new BrokenBody("a colon is missing in the call");
    yield* source.blanks();
    yield* readField(context, body, fields, key);
  }
}

// oxlint-disable-next-line max-params -- a field of an object that is being read
function* readField(context: BodyContext, body: JsonBody, fields: Fields, key: string): Reading {
  const opens = yield* context.source.peek();
  const isName = opens === '"' && fields.name === undefined && [body.nameKey, ...nameKeys].includes(key);
  const isArguments = fields.args === undefined && [body.argumentsKey, ...argumentKeys].includes(key);
  if (opens === "{" && (key === body.wrapper || key === "function")) yield* readFields(context, body, fields);
  else if (isName) {
    fields.name = yield* readString(context);
    if (fields.name !== "") context.name(fields.name);
  } else if (isArguments) {
    if (key !== body.argumentsKey) fields.repairs.push(renamed(key, body));
    fields.args = yield* readValue(context, context.delta);
  } else yield* readValue(context, ignore);
}

const renamed = (key: string, { argumentsKey }: JsonBody): Repair => ({
  kind: "rename-key",
  detail: `${key} read as ${argumentsKey}`,
});

function* readString(context: BodyContext): Reading<string> {
  const value = yield* readValue(context, ignore);
  if (typeof value !== "string") throw new BrokenBody("a string was expected in the call");
  return value;
}

function* readValue({ source }: BodyContext, emit: (text: string) => void): Reading<unknown> {
  const pieces: string[] = [];
  const complete = yield* readJsonValue(source, (text) => {
    pieces.push(text);
    emit(text);
  });
  const parsed = complete ? tryParseJson(pieces.join(""), "the call") : undefined;
  if (parsed?.ok !== true) throw new BrokenBody(parsed?.error.message ?? "the call is not valid JSON");
  return parsed.value;
}

const ignore = (): void => {};

/** `{"f": {…}}`. */
export function* readKeyedBody({ source, ...context }: BodyContext): Reading<ReadBody> {
  yield* source.blanks();
  if (!(yield* source.accept("{"))) throw new BrokenBody("a call must be a JSON object");
  yield* source.blanks();
  let quoted = "";
  if (!(yield* readJsonString(source, (text) => (quoted += text)))) throw new BrokenBody("the tool's name is missing");
  const name = tryParseJson(quoted, "name");
  if (!name.ok) throw new BrokenBody(name.error.message);
  context.name(String(name.value));
  yield* source.blanks();
  if (!(yield* source.accept(":"))) throw new BrokenBody("a colon is missing in the call");
  yield* source.blanks();
  const args = yield* readArgumentObject({ source, ...context });
  yield* source.blanks();
  if (!(yield* source.accept("}"))) throw new BrokenBody("the call has more than one key");
  return { name: String(name.value), args, repairs: [] };
}

/** One JSON object that is the arguments. */
export function* readArgumentObject(context: BodyContext): Reading<Record<string, unknown>> {
  const value = yield* readValue(context, context.delta);
  if (!isRecord(value)) throw new BrokenBody("arguments must be a JSON object");
  return value;
}
