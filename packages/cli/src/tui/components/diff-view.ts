import { structuredPatch } from "diff";

import { reveal } from "../sanitise.ts";
import { dim, type Line, prefixLines, type Span, span } from "../text/span.ts";
import { widthOf, wrapHard } from "../text/width.ts";

/** What a file is and becomes. */
export interface Change {
  path: string;
  before: string;
  after: string;
  isNew: boolean;
}

interface Row {
  mark: " " | "+" | "−";
  number: number;
  text: string;
}

/** Beyond this many edits a line diff costs too much: the whole old and new text are shown instead. */
const mostEdits = 4000;
/** With fewer columns than this the text needs the room of the line numbers. */
const narrow = 24;

export interface DiffView {
  added: number;
  removed: number;
  /** The whole change with line numbers and three lines of context; no line is cut. */
  lines: Line[];
}

export function diffView({ before, after }: Change, width: number): DiffView {
  const hunks = diffHunks(reveal(before), reveal(after));
  const rows = hunks.flat();
  const digits = String(Math.max(1, ...rows.map(({ number }) => number))).length;
  const lines = hunks.flatMap((hunk, index) => [
    ...(index === 0 ? [] : [[dim("    ┄")]]),
    ...hunk.flatMap((row) => rowLines(row, digits, width)),
  ]);
  const count = (mark: Row["mark"]): number => rows.filter((row) => row.mark === mark).length;
  return { added: count("+"), removed: count("−"), lines };
}

function diffHunks(before: string, after: string): Row[][] {
  const options = { context: 3, maxEditLength: mostEdits };
  const patch = structuredPatch("before", "after", before, after, undefined, undefined, options);
  if (patch === undefined) return [[...numbered(before, "−"), ...numbered(after, "+")]];
  return patch.hunks.map(({ oldStart, newStart, lines }) => hunkRows(lines, oldStart, newStart));
}

const numbered = (text: string, mark: Row["mark"]): Row[] =>
  text.split("\n").map((line, index) => ({ mark, number: index + 1, text: line }));

function hunkRows(lines: readonly string[], oldStart: number, newStart: number): Row[] {
  let [oldNumber, newNumber] = [oldStart, newStart];
  const rows: Row[] = [];
  for (const line of lines) {
    const text = line.slice(1);
    if (line.startsWith("-")) rows.push({ mark: "−", number: oldNumber++, text });
    else if (line.startsWith("+")) rows.push({ mark: "+", number: newNumber++, text });
    else if (line.startsWith(" ")) {
      rows.push({ mark: " ", number: newNumber++, text });
      oldNumber += 1;
    }
  }
  return rows;
}

function rowLines({ mark, number, text }: Row, digits: number, width: number): Line[] {
  const gutter = width < narrow ? `${mark} ` : `    ${String(number).padStart(digits)} ${mark} `;
  const body = wrapHard([markedSpan(mark, text)], Math.max(1, width - widthOf(gutter)));
  return prefixLines(body, markedSpan(mark, gutter), dim(" ".repeat(widthOf(gutter))));
}

function markedSpan(mark: Row["mark"], text: string): Span {
  if (mark === "+") return span(text, { colour: "good" });
  return mark === "−" ? span(text, { colour: "bad" }) : dim(text);
}
