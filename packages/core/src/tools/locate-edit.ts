import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { indentedAs } from "./indentation.ts";
import { nearestLines } from "./nearest-lines.ts";
import { counted } from "./outcome.ts";

/** Which part of a text to replace, as offsets into it, and by what. */
export interface Edit {
  start: number;
  end: number;
  replacement: string;
  /** The text was found only by ignoring white space at the ends of lines. */
  isTolerant: boolean;
}

const shownPlaces = 10;

/**
 * Finds the one place that `oldText` means: exactly, or else with the white space at the ends of each line
 * left out of account, in which case `newText` is indented as the place is. All texts use `\n`.
 * Fails with what is wrong when there is no such place or more than one.
 */
export function locateEdit(text: string, oldText: string, newText: string): Result<Edit> {
  const exact = occurrences(text, oldText);
  const [start] = exact;
  if (start !== undefined && exact.length === 1) {
    const likely = likelyPlaces(text, start, oldText);
    if (likely.length > 1) return failure(ambiguous(likely));
    return ok({ start, end: start + oldText.length, replacement: newText, isTolerant: false });
  }
  if (exact.length > 1) return failure(ambiguous(exact.map((at) => lineAt(text, at))));
  return locateByLines(text, oldText, newText);
}

/**
 * Where a match begins inside an indentation, its own was written wrong; and brackets alone say little. Then other lines
 * that are the same but for white space may be meant as well: their numbers; none when the match is certain.
 */
function likelyPlaces(text: string, start: number, oldText: string): number[] {
  const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  const isCut = before !== "" && before.trim() === "";
  if (!isCut && /\w/.test(oldText)) return [];
  const wanted = withoutBlankEnds(oldText.split("\n")).map((line) => line.trim());
  return wanted.length === 0 ? [] : matchingPlaces(text.split("\n"), wanted).map((at) => at + 1);
}

/** Also those that overlap: which of them is meant cannot be known either. */
function occurrences(text: string, part: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) found.push(at);
  return found;
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

function locateByLines(text: string, oldText: string, newText: string): Result<Edit> {
  const lines = text.split("\n");
  const wanted = withoutBlankEnds(oldText.split("\n"));
  const trimmed = wanted.map((line) => line.trim());
  const places = wanted.length === 0 ? [] : matchingPlaces(lines, trimmed);
  const [place] = places;
  if (place === undefined) return failure(notFound(lines, wanted));
  if (places.length > 1) return failure(ambiguous(places.map((at) => at + 1)));
  const found = lines.slice(place, place + wanted.length);
  const start = lines.slice(0, place).reduce((offset, line) => offset + line.length + 1, 0);
  const end = start + found.join("\n").length;
  const written = indentedAs(withoutBlankEnds(newText.split("\n")), { wanted, found });
  if (written === undefined) return failure(otherIndentation(lines, wanted));
  const replacement = written.join("\n");
  // Nothing is left of the lines: their line break goes too.
  const lineBreak = replacement === "" ? 1 : 0;
  return ok({ start, end: Math.min(end + lineBreak, text.length), replacement, isTolerant: true });
}

export function matchingPlaces(lines: readonly string[], trimmed: readonly string[]): number[] {
  const candidates = lines.map((line) => line.trim());
  return candidates.flatMap((_, at) => (trimmed.every((line, offset) => candidates[at + offset] === line) ? [at] : []));
}

function withoutBlankEnds(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => line.trim() !== "");
  const last = lines.findLastIndex((line) => line.trim() !== "");
  return first === -1 ? [] : lines.slice(first, last + 1);
}

/** The lines are there, but not with the indentation that old_text gives them among themselves. */
export function otherIndentation(lines: readonly string[], wanted: readonly string[]): TrustError {
  const message = `old_text is indented otherwise than the file. The nearest lines are:\n${nearestLines(lines, wanted)}\n`;
  return new TrustError("TOOL_FAILED", message, { hint: "Copy old_text from the file as it is" });
}

export function ambiguous(lines: readonly number[]): TrustError {
  const shown = lines.slice(0, shownPlaces).join(", ") + (lines.length > shownPlaces ? ", ..." : "");
  return new TrustError("TOOL_FAILED", `old_text occurs ${counted(lines.length, "time")}, at lines ${shown}`, {
    hint: "Add lines before or after it, so that it occurs once",
  });
}

export function notFound(lines: readonly string[], wanted: readonly string[]): TrustError {
  const near = nearestLines(lines, wanted);
  if (near === "") return new TrustError("TOOL_FAILED", "old_text does not occur in the file");
  return new TrustError("TOOL_FAILED", `old_text does not occur in the file. The nearest lines are:\n${near}\n`, {
    hint: "Copy old_text from the file as it is",
  });
}
