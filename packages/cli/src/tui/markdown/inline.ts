import type { Token, Tokens } from "marked";

import { type Span, span, type Style } from "../text/span.ts";

/** Inline markdown as styled spans. Links show their address, so that a link cannot lie about its target. */
export function inlineSpans(tokens: readonly Token[], style: Style = {}): Span[] {
  return tokens.flatMap((token) => inlineToken(token, style));
}

function inlineToken(token: Token, style: Style): Span[] {
  switch (token.type) {
    case "strong":
      return nested(token, { ...style, bold: true });
    case "em":
      return nested(token, { ...style, italic: true });
    case "del":
      return nested(token, { ...style, dim: true });
    case "codespan":
      return [span((token as Tokens.Codespan).text, { ...style, colour: "accent" })];
    case "br":
      return [span("\n", style)];
    case "link":
    case "image":
      return link(token as Tokens.Link | Tokens.Image, style);
    case "text":
      return token.tokens === undefined ? [span((token as Tokens.Text).text, style)] : nested(token, style);
    case "escape":
      return [span((token as Tokens.Escape).text, style)];
    default:
      return [span(token.raw, style)];
  }
}

const nested = (token: Token, style: Style): Span[] =>
  "tokens" in token && token.tokens !== undefined ? inlineSpans(token.tokens, style) : [span(token.raw, style)];

function link({ text, href }: Tokens.Link | Tokens.Image, style: Style): Span[] {
  const isBare = text === href || `mailto:${text}` === href;
  return isBare ? [span(href, style)] : [span(text, style), span(` (${href})`, { ...style, dim: true })];
}
