import type { JsonSchema, ToolSignature } from "../../protocol/tool-call.ts";
import type { TaggedBody } from "../format/tool-format.ts";
import { type BodyContext, BrokenBody, type ReadBody } from "./call-body.ts";
import { MarkerSearch } from "./marker-search.ts";
import { checkName, textUpTo } from "./named-body.ts";
import { closeTag, nestedValue } from "./nested-tags.ts";
import type { Reading, Source } from "./source.ts";
import { admittedTypes, isTextOnly, typedValue } from "./typed-value.ts";

/** `f` and its arguments as tags around raw text. */
export function* readTaggedBody(context: BodyContext, body: TaggedBody): Reading<ReadBody> {
  const { source } = context;
  yield* source.acceptLoose(body.nameOpen);
  const ends = [body.nameClose, body.keyOpen, body.bodyClose, body.nameClose === "" ? "\n" : ""];
  const name = (yield* textUpTo(context, ends)).trim();
  checkName(name);
  context.name(name);
  yield* source.acceptLoose(body.nameClose);
  if (body.nameRest !== undefined) {
    yield* textUpTo(context, [body.nameRest]);
    yield* source.acceptLoose(body.nameRest);
  }
  const parameters = context.tools.get(name)?.parameters;
  const args = yield* readTags({ ...context, body, parameters });
  yield* source.acceptLoose(body.bodyClose);
  return { name, args, repairs: [] };
}

interface TagContext extends BodyContext {
  body: TaggedBody;
  parameters: ToolSignature["parameters"] | undefined;
}

function* readTags(context: TagContext): Reading<Record<string, unknown>> {
  const { source, body } = context;
  const entries: [string, unknown][] = [];
  context.delta("{");
  while ((yield* source.endOf(body.bodyClose)) === undefined && (yield* source.acceptLoose(body.keyOpen))) {
    const { open } = body.attribute ?? { open: body.keyClose };
    const key = (yield* textUpTo(context, [open])).trim();
    context.delta(`${entries.length === 0 ? "" : ", "}${JSON.stringify(key)}: `);
    entries.push([key, yield* readTagValue(context, key)]);
  }
  context.delta("}");
  yield* mustEnd(context);
  return Object.fromEntries(entries);
}

/** What follows the last value must be the call's end: anything else means that the call was not understood. */
function* mustEnd({ source, body, format }: TagContext): Reading {
  for (const end of [body.bodyClose, format.close, format.sectionClose]) {
    if ((yield* source.endOf(end)) !== undefined) return;
  }
  yield* source.peek(yield* source.blanksAhead());
  if (source.done) throw new BrokenBody("the reply ended inside the call");
  if (body.bodyClose.trim() !== "") throw new BrokenBody("what follows the arguments is no end of a call");
}

function* readTagValue(context: TagContext, key: string): Reading<unknown> {
  const { source, body, parameters } = context;
  const tag = yield* readAttribute(context);
  const schema = propertySchema(parameters, key);
  const admitted = admittedTypes(schema, parameters);
  const isText = tag === undefined ? isTextOnly(admitted) : tag === body.attribute?.stringTag;
  const value = new RawValue(body);
  const inSection = body.cdata && (yield* source.acceptLoose(sectionOpen));
  const close = inSection ? `${sectionClose}${closeTag(body, key)}` : closeTag(body, key);
  const emit = isText ? (text: string): void => context.delta(JSON.stringify(text).slice(1, -1)) : (): void => {};
  if (isText) context.delta('"');
  const tags = { open: body.nested ? `${body.keyOpen.trim()}${key}${body.keyClose}` : "", close: close.trim() };
  if (!(yield* readRaw(context, tags, value, emit))) throw new BrokenBody("the reply ended inside a value");
  yield* source.acceptLoose(close);
  if (isText) {
    context.delta('"');
    return value.text;
  }
  const typed =
    tag !== undefined
      ? typedValue(value.text, { types: new Set(), anything: true })
      : body.nested
        ? nestedValue(value.text, { body, schema, root: parameters })
        : typedValue(value.text, admitted);
  context.delta(JSON.stringify(typed));
  return typed;
}

/** Marks of XML around text in which tags mean nothing. */
const sectionOpen = "<![CDATA[";
const sectionClose = "]]>";

/** The changing attribute between a key and its value, such as `string="true"`. */
function* readAttribute(context: TagContext): Reading<string | undefined> {
  const { source, body } = context;
  if (body.attribute === undefined) {
    yield* source.acceptLoose(body.keyClose);
    return undefined;
  }
  yield* source.acceptLoose(body.attribute.open);
  const tag = yield* textUpTo(context, [body.attribute.close]);
  yield* source.acceptLoose(body.attribute.close);
  return tag;
}

/**
 * Takes the raw text of a value. Its close marker counts only where an argument or the end of the call follows:
 * the value may be a file that holds that very marker. False when the reply ends before.
 */
// oxlint-disable-next-line max-params -- a value that is being read
function* readRaw(
  context: TagContext,
  { open, close }: { open: string; close: string },
  value: RawValue,
  emit: (text: string) => void,
): Reading<boolean> {
  const { source } = context;
  const search = new MarkerSearch([close, open]);
  let inner = 0;
  while (true) {
    const found = yield* search.find(source, (text) => emit(value.add(text)));
    if (found === undefined) return false;
    if (found === close && inner === 0 && (yield* isValueEnd(context, source, found.length))) {
      emit(value.end());
      return true;
    }
    // Tags of the same key inside a nested value come with their own ends.
    if (open !== "") inner += found === open ? 1 : -1;
    emit(value.add(source.take(found.length)));
  }
}

function* isValueEnd({ body, format }: TagContext, source: Source, offset: number): Reading<boolean> {
  for (const next of [body.keyOpen, body.bodyClose, format.close, format.sectionClose]) {
    if ((yield* source.endOf(next, offset)) !== undefined) return true;
  }
  const blanks = yield* source.blanksAhead(offset);
  return (yield* source.peek(offset + blanks)) === "";
}

/** Raw text without the line break that the format itself writes on each side. */
class RawValue {
  text = "";
  readonly #breaksAfterOpen: boolean;
  readonly #breaksBeforeClose: boolean;
  #held = "";
  #began = false;

  constructor(body: TaggedBody) {
    const open = body.attribute?.close ?? body.keyClose;
    this.#breaksAfterOpen = open.endsWith("\n");
    this.#breaksBeforeClose = body.valueClose.startsWith("\n");
  }

  /** Returns what is certain to belong to the value. */
  add(piece: string): string {
    let text = this.#held + piece;
    this.#held = "";
    if (!this.#began && this.#breaksAfterOpen && text.startsWith("\n")) text = text.slice(1);
    this.#began ||= piece !== "";
    if (this.#breaksBeforeClose && text.endsWith("\n")) {
      this.#held = "\n";
      text = text.slice(0, -1);
    }
    this.text += text;
    return text;
  }

  end(): string {
    const rest = this.#breaksBeforeClose ? "" : this.#held;
    this.text += rest;
    return rest;
  }
}

function propertySchema(parameters: JsonSchema | undefined, key: string): JsonSchema | undefined {
  const { properties, additionalProperties } = parameters ?? {};
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}
