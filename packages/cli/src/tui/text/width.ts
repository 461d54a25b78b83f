import stringWidth from "string-width";

import { dim, type Line, type Span, span } from "./span.ts";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const printableAscii = /^[ -~]*$/;

/** Columns that a text takes in a terminal. */
export const widthOf = (text: string): number => (printableAscii.test(text) ? text.length : stringWidth(text));

export const lineWidth = (line: Line): number => line.reduce((sum, { text }) => sum + widthOf(text), 0);

export function graphemes(text: string): string[] {
  if (printableAscii.test(text)) return text.split("");
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

interface Rows {
  done: Line[];
  row: Span[];
  used: number;
}

/** Breaks at spaces where it can and inside words where it must. Newlines in the text break too. */
export function wrap(line: Line, width: number): Line[] {
  const rows: Rows = { done: [], row: [], used: 0 };
  let gap: Span | undefined;
  for (const word of words(line)) {
    if (word === "\n") {
      endRow(rows);
      gap = undefined;
    } else if (isSpace(word)) {
      gap = rows.used > 0 ? word[0] : undefined;
    } else {
      placeWord(rows, word, gap, width);
      gap = undefined;
    }
  }
  if (rows.row.length > 0 || rows.done.length === 0) endRow(rows);
  return rows.done;
}

/** Breaks at exactly `width` columns and keeps every space: for code, diffs and program output. */
export function wrapHard(line: Line, width: number): Line[] {
  const rows: Rows = { done: [], row: [], used: 0 };
  for (const part of line) {
    for (const [index, text] of part.text.split("\n").entries()) {
      if (index > 0) endRow(rows);
      fill(rows, span(text, part.style), width);
    }
  }
  if (rows.row.length > 0 || rows.done.length === 0) endRow(rows);
  return rows.done;
}

/** Cuts to `width` columns; what is cut is marked by an ellipsis. */
export function truncate(line: Line, width: number): Line {
  if (lineWidth(line) <= width) return line;
  const [first = []] = wrapHard(line, Math.max(1, width - 1));
  return lineWidth(first) < width ? [...first, dim("…")] : [dim("…")];
}

/** `left` and `right` on one line of `width` columns; the right side gives way first. */
export function justify(left: Line, right: Line, width: number): Line {
  const gap = width - lineWidth(left) - lineWidth(right);
  return gap < 2 ? truncate(left, width) : [...left, span(" ".repeat(gap)), ...right];
}

function* words(line: Line): Generator<Span[] | "\n"> {
  let word: Span[] = [];
  for (const { text, style } of line) {
    for (const part of text.split(/(\n|[^\S\n]+)/)) {
      if (part === "") continue;
      if (part.trim() !== "") {
        word.push({ text: part, style });
        continue;
      }
      if (word.length > 0) yield word;
      word = [];
      yield part === "\n" ? "\n" : [{ text: part, style }];
    }
  }
  if (word.length > 0) yield word;
}

const isSpace = (word: readonly Span[]): boolean => word.length === 1 && word[0]?.text.trim() === "";

function placeWord(rows: Rows, word: readonly Span[], gap: Span | undefined, width: number): void {
  const size = lineWidth(word);
  const gapSize = gap === undefined ? 0 : widthOf(gap.text);
  if (rows.used > 0 && rows.used + gapSize + size > width) endRow(rows);
  else if (gap !== undefined) append(rows, gap, gapSize);
  if (size <= width) for (const part of word) append(rows, part, widthOf(part.text));
  else for (const part of word) fill(rows, part, width);
}

function fill(rows: Rows, { text, style }: Span, width: number): void {
  if (rows.used + widthOf(text) <= width) {
    append(rows, { text, style }, widthOf(text));
    return;
  }
  let piece = "";
  for (const grapheme of graphemes(text)) {
    const size = widthOf(grapheme);
    if (rows.used > 0 && rows.used + size > width) {
      rows.row.push({ text: piece, style });
      piece = "";
      endRow(rows);
    }
    piece += grapheme;
    rows.used += size;
  }
  rows.row.push({ text: piece, style });
}

function append(rows: Rows, part: Span, size: number): void {
  if (part.text !== "") rows.row.push(part);
  rows.used += size;
}

function endRow(rows: Rows): void {
  rows.done.push(rows.row);
  rows.row = [];
  rows.used = 0;
}
