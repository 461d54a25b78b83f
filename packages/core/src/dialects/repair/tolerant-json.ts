import { failure, ok, type Result, TrustError } from "../../protocol/errors.ts";
import type { Repair } from "../../protocol/tool-call.ts";
import { tryParseJson } from "../call-arguments.ts";
import { TolerantReader, Unreadable } from "./tolerant-reader.ts";

export interface TolerantJson {
  value: unknown;
  repairs: Repair[];
}

/** `complete`: the text was not cut off, so that closing brackets missing at its very end may be added. */
export interface TolerantOptions {
  complete?: boolean;
}

/**
 * JSON as models write it: with single quotes, trailing commas, bare keys, Python literals, raw line breaks, comments,
 * in a code fence or between control tokens. Every departure is in `repairs`; valid JSON has none. No value is made
 * up: a string that does not end is a failure, since what it would have said is not known.
 */
export function tolerantJson(text: string, { complete = false }: TolerantOptions = {}): Result<TolerantJson> {
  const strict = tryParseJson(text, "the text");
  if (strict.ok) return ok({ value: strict.value, repairs: [] });
  const { inner, repairs } = unwrapText(text);
  const reader = new TolerantReader(inner, complete);
  try {
    const value = reader.read();
    return ok({ value, repairs: [...repairs, ...reader.repairs] });
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return failure(new TrustError("INPUT_INVALID", `not JSON: ${error.message}`, { cause: error }));
  }
}

/** `<|tool|>`, `</s>`, `<｜end▁of▁sentence｜>`, `[TOOL_CALLS]`: short, on one line, and no part of JSON. */
const controlToken = String.raw`(?:<[^<>"'{}\n]{1,60}>|\[/?[A-Z][A-Z_]{2,30}\])`;
const tokenBefore = new RegExp(`^${controlToken}`);
const tokenAfter = new RegExp(`${controlToken}$`);
const fenceBefore = /^```[\w-]*[^\S\n]*(?:\n|(?=[[{]))/;
const fenceAfter = /```$/;

function unwrapText(text: string): { inner: string; repairs: Repair[] } {
  const repairs: Repair[] = [];
  let inner = text.trim();
  const strip = (pattern: RegExp, kind: string): boolean => {
    const found = pattern.exec(inner)?.[0];
    if (found === undefined) return false;
    inner = inner.replace(pattern, "").trim();
    repairs.push({ kind, detail: found.trim() });
    return true;
  };
  for (const pattern of [tokenBefore, tokenAfter]) while (strip(pattern, "strip-control-token"));
  if (fenceBefore.test(inner) && fenceAfter.test(inner)) {
    strip(fenceBefore, "strip-code-fence");
    strip(fenceAfter, "strip-code-fence");
  }
  return { inner, repairs };
}
