import { renderMarkdown } from "../markdown/render-markdown.ts";
import type { Block } from "../state/blocks.ts";
import { dim, type Line, prefixLines, span } from "../text/span.ts";
import { wrap, wrapHard } from "../text/width.ts";
import { errorLines } from "./error-lines.ts";
import { evidenceLines } from "./evidence-lines.ts";
import { headerLines } from "./header.ts";
import { previewLines, recordedLines } from "./preview-lines.ts";
import { toolCardLines } from "./tool-card.ts";
import { userLines } from "./user-lines.ts";

/** A finished block as lines of at most `width` columns. `previous` decides about the empty line before it. */
export function blockLines(block: Block, previous: Block | undefined, width: number): Line[] {
  const gap = needsGap(block, previous) ? [[]] : [];
  return [...gap, ...contentLines(block, width)];
}

function contentLines(block: Block, width: number): Line[] {
  switch (block.kind) {
    case "start":
      return headerLines(block.start, width);
    case "user":
      return userLines(block.text, width);
    case "text":
      return replyLines(block.markdown, width);
    case "thought":
      return [[dim(`  thought for ${block.words.toLocaleString("en-US")} words`)]];
    case "tool":
      return toolCardLines(block.card, width);
    case "preview":
      return block.isRecord ? recordedLines(block.preview, width) : previewLines(block.preview, width);
    case "evidence":
      return evidenceLines(block.evidence, width);
    case "notice":
      return prefixLines(wrap([dim(block.text)], inner(width)), span("  "));
    case "output":
      return prefixLines(wrapHard([span(block.text)], inner(width)), span("  "));
    case "error":
      return errorLines(block.error, width);
  }
}

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
