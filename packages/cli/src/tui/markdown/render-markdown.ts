import { Lexer, type Token, type Tokens } from "marked";

import { bold, dim, type Line, prefixLines, span } from "../text/span.ts";
import { wrap, wrapHard } from "../text/width.ts";
import { inlineSpans } from "./inline.ts";
import { tableLines } from "./table.ts";

/** Markdown (GitHub flavour) as lines of at most `width` columns. The text must be sanitised. */
export function renderMarkdown(text: string, width: number): Line[] {
  return blockLines(new Lexer({ gfm: true }).lex(text), Math.max(1, width));
}

function blockLines(tokens: readonly Token[], width: number): Line[] {
  const lines: Line[] = [];
  let previous: Token | undefined;
  for (const token of tokens) {
    if (token.type !== "space") {
      const block = tokenLines(token, width);
      if (lines.length > 0 && isApart(previous, token)) lines.push([]);
      lines.push(...block);
    }
    previous = token;
  }
  return lines;
}

const isApart = (previous: Token | undefined, token: Token): boolean =>
  previous?.type === "space" ||
  previous?.raw.endsWith("\n\n") === true ||
  token.type === "code" ||
  previous?.type === "code";

function tokenLines(token: Token, width: number): Line[] {
  switch (token.type) {
    case "heading":
      return wrap(inlineSpans((token as Tokens.Heading).tokens, { bold: true }), width);
    case "code":
      return codeLines(token as Tokens.Code, width);
    case "list":
      return listLines(token as Tokens.List, width);
    case "blockquote":
      return prefixLines(blockLines((token as Tokens.Blockquote).tokens, width - 2), dim("│ "), dim("│ "));
    case "table":
      return tableLines(token as Tokens.Table, width);
    case "hr":
      return [[dim("─".repeat(Math.min(width, 40)))]];
    default:
      return wrap("tokens" in token && token.tokens ? inlineSpans(token.tokens) : [span(token.raw.trimEnd())], width);
  }
}

function codeLines({ text, lang }: Tokens.Code, width: number): Line[] {
  const label = lang === undefined || lang === "" ? [] : [[dim(lang)]];
  const body = text.split("\n").flatMap((line) => wrapHard([span(line)], Math.max(1, width - 2)));
  return prefixLines([...label, ...body], span("  "));
}

function listLines({ items, ordered, start }: Tokens.List, width: number): Line[] {
  const first = typeof start === "number" ? start : 1;
  return items.flatMap((item, index) => {
    const marker = ordered ? `${first + index}. ` : "• ";
    const lines = blockLines(item.tokens, Math.max(1, width - marker.length));
    const state = item.task ? [span(item.checked === true ? "[x] " : "[ ] ")] : [];
    const [head = [], ...rest] = lines;
    const apart = item.loose && index > 0 ? [[]] : [];
    return [...apart, ...prefixLines([[...state, ...head], ...rest], bold(marker))];
  });
}
