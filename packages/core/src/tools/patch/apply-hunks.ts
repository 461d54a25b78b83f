import { failure, ok, type Result, TrustError } from "../../protocol/errors.ts";
import { indentedAs } from "../indentation.ts";
import { ambiguous, matchingPlaces, notFound, otherIndentation } from "../locate-edit.ts";
import type { Hunk } from "./parse-patch.ts";

/** A text with a patch applied, and how often a place was found only by leaving white space out of account. */
export interface Patched {
  text: string;
  tolerated: number;
}

interface Line {
  text: string;
  ending: string;
}

/**
 * Applies hunks to a text, each at the one place that it means: at the line that it names if its lines stand there, or
 * where they stand exactly once, or once with other white space. Lines that it keeps stay as the file has them, with
 * their own endings; new ones get `lineEnding`. Fails, naming the hunk, otherwise.
 */
export function applyHunks(text: string, hunks: readonly Hunk[], lineEnding: string): Result<Patched> {
  let lines: Line[] = (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map(lineOf);
  let tolerated = 0;
  let shift = 0;
  for (const [index, hunk] of hunks.entries()) {
    const applied = applyHunk(lines, hunk, { shift, lineEnding });
    if (!applied.ok) return failure(inHunk(index + 1, hunks.length, applied.error));
    shift += applied.value.lines.length - lines.length;
    lines = applied.value.lines;
    tolerated += applied.value.isTolerant ? 1 : 0;
  }
  const all = lines.map(({ text: shown, ending }, index) =>
    ending === "" && index < lines.length - 1 ? shown + lineEnding : shown + ending,
  );
  return ok({ text: all.join(""), tolerated });
}

function lineOf(whole: string): Line {
  const ending = /\r?\n$/.exec(whole)?.[0] ?? "";
  return { text: whole.slice(0, whole.length - ending.length), ending };
}

interface Applied {
  lines: Line[];
  isTolerant: boolean;
}

function applyHunk(
  lines: readonly Line[],
  hunk: Hunk,
  { shift, lineEnding }: { shift: number; lineEnding: string },
): Result<Applied> {
  const texts = lines.map(({ text }) => text);
  const wanted = hunk.lines.flatMap(({ kind, text }) => (kind === "added" ? [] : [text]));
  const place = findPlace(texts, wanted, hunk.line === undefined ? -1 : hunk.line - 1 + shift);
  if (!place.ok) return place;
  const { at, isTolerant } = place.value;
  const old = lines.slice(at, at + wanted.length);
  const added = hunk.lines.flatMap(({ kind, text }) => (kind === "added" ? [text] : []));
  const written = isTolerant ? indentedAs(added, { wanted, found: old.map(({ text }) => text) }) : added;
  if (written === undefined) return failure(otherIndentation(texts, wanted));
  const ending = (isLast: boolean): string => (isLast ? "" : lineEnding);
  const result: Line[] = [];
  let [next, taken] = [0, 0];
  for (const { kind, isLast } of hunk.lines) {
    if (kind === "added") result.push({ text: written[taken++] ?? "", ending: ending(isLast) });
    else if (kind === "removed") next++;
    else result.push(...old.slice(next, ++next));
  }
  const isAtEnd = at + wanted.length === lines.length;
  if (isAtEnd) keepEnd(result, { old, hunk });
  return ok({ lines: [...lines.slice(0, at), ...result, ...lines.slice(at + wanted.length)], isTolerant });
}

/** The end of the file stays as it is, unless the patch speaks of it: models leave that out. */
function keepEnd(result: Line[], { old, hunk }: { old: readonly Line[]; hunk: Hunk }): void {
  const last = result.at(-1);
  if (last === undefined || hunk.lines.some(({ isLast }) => isLast)) return;
  if (old.at(-1)?.ending === "" && old.length > 0) last.ending = "";
}

interface Place {
  at: number;
  isTolerant: boolean;
}

function findPlace(lines: readonly string[], wanted: readonly string[], named: number): Result<Place> {
  if (wanted.length === 0) return lines.length === 0 ? ok({ at: 0, isTolerant: false }) : failure(noContext());
  const standsAt = (at: number): boolean => wanted.every((text, offset) => lines[at + offset] === text);
  if (named >= 0 && standsAt(named)) return ok({ at: named, isTolerant: false });
  const exact = lines.flatMap((_, at) => (standsAt(at) ? [at] : []));
  const isTolerant = exact.length === 0;
  const trimmed = wanted.map((text) => text.trim());
  const places = isTolerant ? matchingPlaces(lines, trimmed) : exact;
  const [at] = places;
  if (at === undefined || trimmed.every((text) => text === "")) return failure(notFound(lines, wanted));
  return places.length > 1 ? failure(ambiguous(places.map((place) => place + 1))) : ok({ at, isTolerant });
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
