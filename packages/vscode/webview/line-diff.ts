export interface DiffLine {
  sign: " " | "+" | "-";
  text: string;
}

/** Above this many comparisons the changed middle is shown as removed and added whole. */
const longestMiddle = 250_000;

/** The lines of a change, in order: what is neither `-` nor `+` is in both texts. */
export function diffLines(before: string, after: string): DiffLine[] {
  const old = linesOf(before);
  const now = linesOf(after);
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  const shortest = Math.min(old.length, now.length) - start;
  while (end < shortest && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  return [
    ...mark(" ", old.slice(0, start)),
    ...middle(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...mark(" ", old.slice(old.length - end)),
  ];
}

export interface Hunk {
  /** The line in the old text that the hunk begins with, from 1. */
  line: number;
  lines: DiffLine[];
}

/** The changed parts with some unchanged lines around them. */
export function hunksOf(lines: readonly DiffLine[], context = 3): Hunk[] {
  const hunks: Hunk[] = [];
  let oldLine = 1;
  let lastShown = -1;
  const isNear = (index: number): boolean =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ sign }) => sign !== " ");
  for (const [index, line] of lines.entries()) {
    if (isNear(index)) {
      if (lastShown !== index - 1 || hunks.length === 0) hunks.push({ line: oldLine, lines: [] });
      hunks.at(-1)?.lines.push(line);
      lastShown = index;
    }
    if (line.sign !== "+") oldLine += 1;
  }
  return hunks;
}

export function countOf(lines: readonly DiffLine[], sign: "+" | "-"): number {
  return lines.filter((line) => line.sign === sign).length;
}

const linesOf = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

const mark = (sign: DiffLine["sign"], lines: readonly string[]): DiffLine[] => lines.map((text) => ({ sign, text }));

/** Longest common subsequence. */
function middle(old: readonly string[], now: readonly string[]): DiffLine[] {
  if (old.length * now.length > longestMiddle) return [...mark("-", old), ...mark("+", now)];
  const common = commonLengths(old, now);
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0;
  const lines: DiffLine[] = [];
  let row = 0;
  let column = 0;
  while (row < old.length || column < now.length) {
    const [left, right] = [old[row], now[column]];
    if (left !== undefined && left === right) {
      lines.push({ sign: " ", text: left });
      row += 1;
      column += 1;
    } else if (left !== undefined && (right === undefined || at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ sign: "-", text: left });
      row += 1;
    } else {
      lines.push({ sign: "+", text: right ?? "" });
      column += 1;
    }
  }
  return lines;
}

/** `[row][column]`: the common lines of what follows these positions. */
function commonLengths(old: readonly string[], now: readonly string[]): number[][] {
  const table = Array.from({ length: old.length + 1 }, () => Array.from({ length: now.length + 1 }, () => 0));
  for (let row = old.length - 1; row >= 0; row -= 1) {
    for (let column = now.length - 1; column >= 0; column -= 1) {
      const [here, below] = [table[row], table[row + 1]];
      if (here === undefined || below === undefined) continue;
      here[column] =
        old[row] === now[column] ? (below[column + 1] ?? 0) + 1 : Math.max(below[column] ?? 0, here[column + 1] ?? 0);
    }
  }
  return table;
}
