import { deepestJson } from "../json-depth.ts";
import type { Reading, Source } from "./source.ts";

type Emit = (text: string) => void;

const outsideStrings = /[\s,:\w.+-]*/y;
const scalar = /[\w.+-]*/y;

/** Takes one JSON value, and passes its text on as it comes. False where the text is no JSON or ends inside it. */
export function* readJsonValue(source: Source, emit: Emit): Reading<boolean> {
  const first = yield* source.peek();
  if (first === '"') return yield* readJsonString(source, emit);
  if (first === "{" || first === "[") return yield* readNested(source, emit);
  let length = 0;
  yield* source.takeWhile(scalar, (text) => {
    length += text.length;
    emit(text);
  });
  return length > 0;
}

function* readNested(source: Source, emit: Emit): Reading<boolean> {
  let depth = 0;
  while (true) {
    yield* source.takeWhile(outsideStrings, emit);
    const next = yield* source.peek();
    if (next === '"') {
      if (!(yield* readJsonString(source, emit))) return false;
      continue;
    }
    if (!"{}[]".includes(next) || next === "") return false;
    emit(source.take(1));
    depth += next === "{" || next === "[" ? 1 : -1;
    if (depth === 0) return true;
    if (depth > deepestJson) return false;
  }
}

/** Takes one JSON string with its quotes. A bare control character ends it: what follows may be anything. */
export function* readJsonString(source: Source, emit: Emit): Reading<boolean> {
  if (!(yield* source.accept('"'))) return false;
  emit('"');
  while (true) {
    const length = insideString(source.text, source.at);
    if (length > 0) emit(source.take(length));
    const next = yield* source.peek();
    if (next === '"') {
      emit(source.take(1));
      return true;
    }
    if (next < " " || (next === "\\" && (yield* source.peek(1)) === "")) return false;
  }
}

const quote = 0x22;
const backslash = 0x5c;
const firstPrintable = 0x20;

/** How much of a string stands from `from` on, whole escapes included, before its end or a bare control character. */
function insideString(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote || code < firstPrintable) break;
    if (code === backslash && at + 1 >= text.length) break;
    at += code === backslash ? 2 : 1;
  }
  return at - from;
}
