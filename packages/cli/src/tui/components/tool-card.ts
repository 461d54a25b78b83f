import type { Card, CardState } from "../state/blocks.ts";
import { writtenLines } from "../state/written.ts";
import { bold, dim, type Line, type Span, span } from "../text/span.ts";
import { justify, lineWidth, truncate } from "../text/width.ts";

const marks: Record<CardState, Span> = {
  writing: dim("○"),
  waiting: dim("○"),
  running: span("◐", { colour: "accent" }),
  done: span("●", { colour: "good" }),
  failed: span("✗", { colour: "bad" }),
  denied: span("⊘", { colour: "warning" }),
};

/** One line for the call; below it the end of its output, when there is some to see. */
export function toolCardLines(card: Card, width: number): Line[] {
  const inner = Math.max(1, width - 2);
  const right = [dim(outcome(card))];
  const left: Line = [
    marks[card.state],
    span(" "),
    bold(card.name),
    span("  "),
    span(card.subject.replaceAll("\n", " ")),
  ];
  const room = Math.max(Math.floor(inner / 2), inner - lineWidth(right) - 2);
  const head = [span("  "), ...justify(truncate(left, Math.min(inner, room)), right, inner)];
  return [head, ...outputLines(card, inner)];
}

function outcome({ state, summary, written, milliseconds }: Card): string {
  if (state === "writing") return written.lines < 2 ? "writing the call" : `writing the call · ${written.lines} lines`;
  if (state === "waiting" || state === "running") return state;
  return [summary, ...(milliseconds === undefined ? [] : [duration(milliseconds)])]
    .filter((part) => part !== "")
    .join(" · ");
}

const duration = (milliseconds: number): string =>
  milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;

function outputLines({ state, output, hidden, partial, written }: Card, width: number): Line[] {
  if (state === "writing") return writtenLines(written).map((line) => truncate([dim(`    ${line}`)], width));
  const lines = partial.line === "" ? output : [...output, partial.line].slice(-8);
  const note = hidden === 0 ? [] : [[dim(`    … ${hidden.toLocaleString("en-US")} more lines`)]];
  return [...note, ...lines.map((line) => truncate([dim(`    ${line}`)], width))];
}
