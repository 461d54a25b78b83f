/** Styled text before it becomes terminal codes. Colours are roles, not values. */
export type Colour = "accent" | "good" | "bad" | "warning";

export interface Style {
  bold?: true;
  dim?: true;
  italic?: true;
  colour?: Colour;
}

export interface Span {
  text: string;
  style: Style;
}

export type Line = readonly Span[];

const none: Style = {};
const dimmed: Style = { dim: true };
const emphasised: Style = { bold: true };

export const span = (text: string, style: Style = none): Span => ({ text, style });
export const dim = (text: string): Span => ({ text, style: dimmed });
export const bold = (text: string): Span => ({ text, style: emphasised });

/** Puts `first` before the first line and `rest` before the others. */
export function prefixLines(
  lines: readonly Line[],
  first: Span,
  rest: Span = span(" ".repeat(first.text.length)),
): Line[] {
  return lines.map((line, index) => [index === 0 ? first : rest, ...line]);
}
