import { renderMarkdown } from "../markdown/render-markdown.ts";
import type { Block } from "../state/blocks.ts";
import { dim, type Line, prefixLines, span } from "../text/span.ts";
import { wrap, wrapHard } from "../text/width.ts";
import { errorLines } from "./error-lines.ts";
import { evidenceLines } from "./evidence-lines.ts";
import { headerLines } from "./header.ts";
import { planLines } from "./plan-lines.ts";
import { previewLines, recordedLines } from "./preview-lines.ts";
import { toolCardLines } from "./tool-card.ts";
import { userLines } from "./user-lines.ts";

/** A finished block as lines of at most `width` columns. `previous` decides about the empty line before it. */
export function blockLines(block: Block, previous: Block | undefined, width: number): Line[] {
  const gap = needsGap(block, previous) ? [[]] : [];
  return [...gap, ...contentLines(block, width)];
}

function contentLines<Kind extends Block["kind"]>(block: BlockOf<Kind>, width: number): Line[] {
  return drawings[block.kind](block, width);
}

type BlockOf<Kind extends Block["kind"]> = { [Each in Kind]: Extract<Block, { kind: Each }> & { kind: Each } }[Kind];

/** How each kind of block is drawn: a forgotten one is a type error. */
const drawings: { readonly [Kind in Block["kind"]]: (block: BlockOf<Kind>, width: number) => Line[] } = {
  start: ({ start }, width) => headerLines(start, width),
  user: ({ text }, width) => userLines(text, width),
  text: ({ markdown }, width) => replyLines(markdown, width),
  thought: ({ words }) => [[dim(`  thought for ${words.toLocaleString("en-US")} words`)]],
  tool: ({ card }, width) => toolCardLines(card, width),
  preview: ({ preview, isRecord }, width) => (isRecord ? recordedLines(preview, width) : previewLines(preview, width)),
  plan: ({ items }, width) => planLines(items, width),
  evidence: ({ evidence }, width) => evidenceLines(evidence, width),
  notice: ({ text }, width) => prefixLines(wrap([dim(text)], inner(width)), span("  ")),
  output: ({ text }, width) => prefixLines(wrapHard([span(text)], inner(width)), span("  ")),
  error: ({ error }, width) => errorLines(error, width),
};

function needsGap(block: Block, previous: Block | undefined): boolean {
  if (block.kind === "start") return false;
  if (block.kind === "text") return !block.continued;
  if (block.kind === "preview") return !block.isRecord;
  return block.kind !== "tool" || !isQuiet(previous);
}

export const replyLines = (markdown: string, width: number): Line[] =>
  prefixLines(renderMarkdown(markdown, inner(width)), span("  "));

const inner = (width: number): number => Math.max(1, width - 2);

const isQuiet = (previous: Block | undefined): boolean =>
  previous?.kind === "tool" || (previous?.kind === "preview" && previous.isRecord);
