import type { Tokens } from "marked";

import { dim, type Line, type Span, span } from "../text/span.ts";
import { lineWidth, wrap } from "../text/width.ts";
import { inlineSpans } from "./inline.ts";

const gap = 2;

/** Aligned columns where they fit, otherwise one `name: value` line a cell, so that no text is lost. */
export function tableLines({ header, rows }: Tokens.Table, width: number): Line[] {
  const titles = header.map(({ tokens }) => inlineSpans(tokens, { bold: true }));
  const cells = rows.map((row) => row.map(({ tokens }) => inlineSpans(tokens)));
  const columns = titles.map((title, index) =>
    Math.max(lineWidth(title), ...cells.map((row) => lineWidth(row[index] ?? []))),
  );
  const total = columns.reduce((sum, column) => sum + column, gap * (columns.length - 1));
  if (total > width) return cells.flatMap((row, index) => record(titles, row, index, width));
  const rule = dim("─".repeat(total));
  return [aligned(titles, columns), [rule], ...cells.map((row) => aligned(row, columns))];
}

function aligned(row: readonly Span[][], columns: readonly number[]): Line {
  return columns.flatMap((column, index) => {
    const cell = row[index] ?? [];
    const isLast = index === columns.length - 1;
    return isLast ? cell : [...cell, span(" ".repeat(column - lineWidth(cell) + gap))];
  });
}

function record(titles: readonly Span[][], row: readonly Span[][], index: number, width: number): Line[] {
  const lines = titles.flatMap((title, column) => wrap([...title, span(": "), ...(row[column] ?? [])], width));
  return index === 0 ? lines : [[], ...lines];
}
