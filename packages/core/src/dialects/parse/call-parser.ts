import type { ParsedEvent } from "../../protocol/model-events.ts";
import type { Repair, ToolCall, ToolSignature } from "../../protocol/tool-call.ts";
import type { CallFormat } from "../format/tool-format.ts";
import { type BodyContext, BrokenBody, type ReadBody } from "./call-body.ts";
import { readArgumentObject, readJsonBody, readKeyedBody } from "./json-body.ts";
import { BrokenLiteral, gemmaSyntax, LiteralReader, pythonSyntax } from "./literal-reader.ts";
import { MarkerSearch } from "./marker-search.ts";
import { checkName, readNamedBody, textUpTo } from "./named-body.ts";
import type { Reading, Source } from "./source.ts";
import { readTaggedBody } from "./tagged-body.ts";

/** What reading calls needs besides their text. */
export interface CallSettings {
  source: Source;
  tools: ReadonlyMap<string, ToolSignature>;
  via: ToolCall["via"];
  nextCallId: () => string;
  emit: (event: ParsedEvent) => void;
  /** Makes what it can of a body that is not what its format says; undefined where nothing can be made of it. */
  rescue: (raw: string, format: CallFormat) => ReadBody | undefined;
}

/** Reads one call from behind its open marker to behind its close marker. */
export function* readCall(settings: CallSettings, format: CallFormat): Reading {
  const { source, emit } = settings;
  const id = settings.nextCallId();
  let started = false;
  let waiting = "";
  const delta = (json: string): void => {
    if (started && json !== "") emit({ type: "call-delta", id, delta: json });
    else waiting += json;
  };
  const name = (text: string): void => {
    if (!started) emit({ type: "call-start", id, name: text });
    started = true;
    const held = waiting;
    waiting = "";
    delta(held);
  };
  source.record();
  try {
    const read = yield* readBody({ source, format, tools: settings.tools, name, delta }, format);
    const raw = source.recorded();
    yield* settle(settings, { format, id, raw, started, read });
  } catch (error) {
    if (!(error instanceof BrokenBody || error instanceof BrokenLiteral)) throw error;
    yield* settleBroken(settings, { format, id, started, reason: error.message });
  }
}

function readBody(context: BodyContext, { body }: CallFormat): Reading<ReadBody> {
  switch (body.kind) {
    case "json":
      return readJsonBody(context, body);
    case "keyed":
      return readKeyedBody(context);
    case "named":
      return readNamedBody(context, body);
    case "tagged":
      return readTaggedBody(context, body);
    case "python":
      return readPythonBody(context);
    case "arguments":
      return readBareArguments(context, body.name);
    case "gemma":
      return readGemmaBody(context, body.nameOpen, body.quote);
  }
}

/** `f(k='v', n=3)`. */
function* readPythonBody(context: BodyContext): Reading<ReadBody> {
  const { source } = context;
  const name = (yield* textUpTo(context, ["("])).trim();
  if (!(yield* source.accept("("))) throw new BrokenBody("the call has no arguments in brackets");
  checkName(name);
  context.name(name);
  const entries: [string, unknown][] = [];
  const literals = new LiteralReader(source, pythonSyntax, context.delta);
  context.delta("{");
  for (let first = true; ; first = false) {
    yield* source.blanks();
    if (yield* source.accept(")")) break;
    if (!first && !(yield* source.accept(","))) throw new BrokenBody("a comma is missing between arguments");
    yield* source.blanks();
    if (yield* source.accept(")")) break;
    const key = (yield* textUpTo(context, ["="])).trim();
    if (!/^[\w.-]+$/.test(key) || !(yield* source.accept("="))) throw new BrokenBody("an argument has no name");
    context.delta(`${first ? "" : ", "}${JSON.stringify(key)}: `);
    yield* source.blanks();
    entries.push([key, yield* literals.value()]);
  }
  context.delta("}");
  return { name, args: Object.fromEntries(entries), repairs: [] };
}

function* readBareArguments(context: BodyContext, name: string): Reading<ReadBody> {
  context.name(name);
  yield* context.source.blanks();
  return { name, args: yield* readArgumentObject(context), repairs: [] };
}

/** `call:f{k:<|"|>v<|"|>}`. */
// oxlint-disable-next-line max-params -- the format's two markers
function* readGemmaBody(context: BodyContext, nameOpen: string, quote: string): Reading<ReadBody> {
  const { source } = context;
  yield* source.acceptLoose(nameOpen);
  const name = (yield* textUpTo(context, ["{"])).trim();
  checkName(name);
  context.name(name);
  const args = yield* new LiteralReader(source, gemmaSyntax(quote), context.delta).object();
  return { name, args, repairs: [] };
}

interface Settled {
  format: CallFormat;
  id: string;
  raw: string;
  started: boolean;
  read: ReadBody;
}

/** A body was read: what follows must be the call's end, or its end is missing and that is noted. */
function* settle(settings: CallSettings, { format, id, raw, started, read }: Settled): Reading {
  const { source, emit, via } = settings;
  const closed = format.close.trim() === "" || (yield* source.acceptLoose(format.close));
  if (!closed && (yield* wasCutOff(settings, format))) {
    emit({ type: "call-invalid", id, raw, errors: ["the reply was cut off inside the call"], truncated: true });
    return;
  }
  const repairs: Repair[] = closed ? read.repairs : [...read.repairs, missingClose(format)];
  if (!started) emit({ type: "call-start", id, name: read.name });
  emit({ type: "call-end", call: { id, name: read.name, args: read.args, raw, via, repairs } });
}

/** The reply ends in the middle of the call's end marker: it may have gone on, however complete the call looks. */
function* wasCutOff({ source }: CallSettings, { close }: CallFormat): Reading<boolean> {
  yield* source.peek(yield* source.blanksAhead());
  return source.truncated && close.trim().startsWith(source.text.slice(source.at).trim());
}

const missingClose = (format: CallFormat): Repair => ({
  kind: "missing-close",
  detail: `no ${format.close.trim()} after a complete call`,
});

interface Broken {
  format: CallFormat;
  id: string;
  started: boolean;
  reason: string;
}

/** Takes the rest up to the call's end and lets `rescue` make of it what it can. */
function* settleBroken(settings: CallSettings, { format, id, started, reason }: Broken): Reading {
  const { source, emit, via } = settings;
  const ends = [format.close, format.sectionClose, format.open].map((marker) => marker.trim());
  const found = yield* new MarkerSearch(ends).find(source, () => {});
  const raw = source.recorded();
  if (found === format.close.trim()) source.take(found.length);
  const truncated = found === undefined && source.truncated;
  const rescued = truncated ? undefined : settings.rescue(raw, format);
  if (rescued === undefined) {
    const why = truncated ? "the reply was cut off inside the call" : reason;
    emit({ type: "call-invalid", id, raw, errors: [why], truncated });
    return;
  }
  if (!started) emit({ type: "call-start", id, name: rescued.name });
  emit({ type: "call-end", call: { id, raw, via, ...rescued } });
}
