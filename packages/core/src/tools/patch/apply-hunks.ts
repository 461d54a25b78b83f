import { failure, ok, type Result, TrustError } from "../../protocol/errors.ts";
import { ambiguous, indentOf, matchingPlaces, notFound, reindent } from "../locate-edit.ts";
import type { Hunk } from "./parse-patch.ts";

/** A text with a patch applied, and how often a place was found only by leaving white space out of account. */
export interface Patched {
  text: string;
  tolerated: number;
}

/**
 * Applies hunks to a text with `\n`, each at the one place that it means: at the line that it names if its lines stand
 * there, or where they stand exactly once, or once with other white space. Lines that it keeps stay as the file has
 * them. Fails, naming the hunk, otherwise.
 */
export function applyHunks(text: string, hunks: readonly Hunk[]): Result<Patched> {
  const endsWithNewline = text.endsWith("\n");
  let lines = text === "" ? [] : (endsWithNewline ? text.slice(0, -1) : text).split("\n");
  let tolerated = 0;
  let shift = 0;
  for (const [index, hunk] of hunks.entries()) {
    const place = findPlace(lines, hunk, shift);
    if (!place.ok) return failure(inHunk(index + 1, hunks.length, place.error));
    const { length } = lines;
    lines = patched(lines, hunk, place.value);
    tolerated += place.value.isTolerant ? 1 : 0;
    shift += lines.length - length;
  }
  const whole = lines.join("\n");
  return ok({ text: lines.length > 0 && (endsWithNewline || text === "") ? `${whole}\n` : whole, tolerated });
}

interface Place {
  at: number;
  isTolerant: boolean;
}

function findPlace(lines: readonly string[], hunk: Hunk, shift: number): Result<Place> {
  const wanted = hunk.lines.flatMap(({ kind, text }) => (kind === "added" ? [] : [text]));
  if (wanted.length === 0) return lines.length === 0 ? ok({ at: 0, isTolerant: false }) : failure(noContext());
  const standsAt = (at: number): boolean => wanted.every((text, offset) => lines[at + offset] === text);
  const named = hunk.line === undefined ? -1 : hunk.line - 1 + shift;
  if (named >= 0 && standsAt(named)) return ok({ at: named, isTolerant: false });
  const exact = lines.flatMap((_, at) => (standsAt(at) ? [at] : []));
  const isTolerant = exact.length === 0;
  const places = isTolerant
    ? matchingPlaces(
        lines,
        wanted.map((text) => text.trim()),
      )
    : exact;
  const [at] = places;
  if (at === undefined || wanted.every((text) => text.trim() === "")) return failure(notFound(lines, wanted));
  return places.length > 1 ? failure(ambiguous(places.map((place) => place + 1))) : ok({ at, isTolerant });
}

/** Added lines get the indentation of the place when the hunk was written with another one. */
function patched(lines: readonly string[], hunk: Hunk, { at, isTolerant }: Place): string[] {
  const result = lines.slice(0, at);
  let next = at;
  const first = hunk.lines.find(({ kind, text }) => kind !== "added" && text.trim() !== "")?.text ?? "";
  const found = lines.slice(at).find((line) => line.trim() === first.trim()) ?? "";
  for (const { kind, text } of hunk.lines) {
    if (kind === "added")
      result.push(...(isTolerant ? reindent([text], indentOf([first]), indentOf([found])) : [text]));
    else if (kind === "kept") result.push(lines[next++] ?? text);
    else next++;
  }
  return [...result, ...lines.slice(next)];
}

const noContext = (): TrustError =>
  new TrustError("TOOL_FAILED", "it has no lines of the file around what it adds", {
    hint: "Begin some lines of the file with a blank, before or after those with +",
  });

function inHunk(number: number, count: number, { message, hint }: TrustError): TrustError {
  const which = count === 1 ? "the patch" : `hunk ${number} of ${count}`;
  return new TrustError("TOOL_FAILED", `${which} does not fit: ${message.replaceAll("old_text", "its text")}`, {
    hint: hint?.replaceAll("old_text", "the lines"),
  });
}
