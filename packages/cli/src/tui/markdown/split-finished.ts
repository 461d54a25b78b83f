/**
 * A run of whole markdown blocks. `continued`: the screen shows it right below the piece before it.
 * @internal
 */
export interface Piece {
  markdown: string;
  continued: boolean;
}

export interface Split {
  finished: Piece[];
  /** What later text may still change, to be passed back with that text in front. */
  rest: string;
  continued: boolean;
}

interface Fence {
  mark: string;
  /** Inside a list item: its end does not end the block. */
  isNested: boolean;
}

interface Scan {
  lines: readonly string[];
  finished: Piece[];
  continued: boolean;
  start: number;
  fence: Fence | undefined;
}

/** Blocks with more whole lines than this are given out in parts where their syntax allows it. */
const longBlock = 24;
const listItem = /^ {0,1}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const fenceLine = /^(\s*)(`{3,}|~{3,})(.*)$/;

/** Takes the blocks off the front of a streamed markdown text that no later text can change. */
export function splitFinished(text: string, continued: boolean): Split {
  const lines = text.split("\n");
  const scan: Scan = { lines, finished: [], continued, start: 0, fence: undefined };
  const whole = lines.length - 1;
  for (let index = 0; index < whole; index += 1) scanLine(scan, index);
  const opening = whole - scan.start > longBlock ? cutLongBlock(scan, whole) : "";
  return { finished: scan.finished, rest: opening + lines.slice(scan.start).join("\n"), continued: scan.continued };
}

function scanLine(scan: Scan, index: number): void {
  const line = scan.lines[index] ?? "";
  if (scan.fence !== undefined) {
    if (!closes(line, scan.fence)) return;
    if (!scan.fence.isNested) finish(scan, index + 1);
    scan.fence = undefined;
    return;
  }
  const fence = fenceLine.exec(line);
  if (fence !== null) openFence(scan, index, fence);
  else if (line.trim() === "") endAtBlank(scan, index);
}

function openFence(scan: Scan, index: number, [, indent = "", mark = ""]: RegExpExecArray): void {
  const isNested = isList(scan) && indent.length >= 2;
  if (!isNested && index > scan.start) finish(scan, index);
  scan.fence = { mark, isNested };
}

function closes(line: string, { mark }: Fence): boolean {
  const text = line.trim();
  return text.length >= mark.length && text === mark.charAt(0).repeat(text.length);
}

function endAtBlank(scan: Scan, index: number): void {
  if (index === scan.start) {
    scan.continued = false;
    scan.start = index + 1;
    return;
  }
  if (isList(scan)) {
    const next = scan.lines.slice(index + 1).find((line) => line.trim() !== "");
    if (next === undefined || /^(?:\s|[-*+]|\d)/.test(next)) return;
  }
  finish(scan, index);
  scan.start = index + 1;
}

const isList = ({ lines, start }: Scan): boolean => listItem.test(lines[start] ?? "");

function finish(scan: Scan, end: number): void {
  scan.finished.push({ markdown: scan.lines.slice(scan.start, end).join("\n"), continued: scan.continued });
  scan.continued = false;
  scan.start = end;
}

/** Gives out what is sure of a long open block; returns the text that must stand before the rest. */
function cutLongBlock(scan: Scan, whole: number): string {
  if (scan.fence !== undefined) return scan.fence.isNested ? "" : cutCode(scan, scan.fence, whole);
  if (isList(scan)) cutList(scan, whole);
  else if (!isTable(scan)) cutParagraph(scan, whole);
  return "";
}

function cutCode(scan: Scan, { mark }: Fence, whole: number): string {
  const body = scan.lines.slice(scan.start, whole).join("\n");
  scan.finished.push({ markdown: `${body}\n${mark}`, continued: scan.continued });
  scan.continued = true;
  scan.start = whole;
  return `${mark}\n`;
}

function cutList(scan: Scan, whole: number): void {
  const last = scan.lines.findLastIndex((line, index) => index > scan.start && index < whole && listItem.test(line));
  if (last === -1) return;
  finish(scan, last);
  scan.continued = true;
}

function cutParagraph(scan: Scan, whole: number): void {
  finish(scan, whole);
  scan.continued = true;
}

const isTable = ({ lines, start }: Scan): boolean => /^\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$/.test(lines[start + 1] ?? "");
