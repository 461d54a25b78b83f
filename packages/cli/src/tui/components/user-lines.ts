import { bold, type Line, prefixLines, span } from "../text/span.ts";
import { wrap } from "../text/width.ts";

export function userLines(text: string, width: number): Line[] {
  const lines = wrap([span(text, { bold: true })], Math.max(1, width - 2));
  return [...prefixLines(lines, bold("› "))];
}
