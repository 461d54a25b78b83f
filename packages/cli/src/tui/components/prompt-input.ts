import type { Editor } from "../state/editor.ts";
import { bold, dim, type Line, type Span, span } from "../text/span.ts";
import { graphemes, truncate, widthOf } from "../text/width.ts";

/** Where the terminal's cursor stands, counted from the first line and column of what it comes with. */
interface CursorAt {
  x: number;
  y: number;
}

export interface Drawn {
  lines: Line[];
  cursor: CursorAt | undefined;
}

export interface EditorLook {
  mark: string;
  placeholder: string;
  /** More rows than this scroll. */
  mostRows: number;
}

/** An editor as rows of at most `width` columns, with the cursor in sight. */
export function editorLines(editor: Editor, look: EditorLook, width: number): Drawn {
  const mark = bold(look.mark);
  const indent = widthOf(look.mark);
  if (editor.text === "") {
    return { lines: [truncate([mark, dim(look.placeholder)], width)], cursor: { x: indent, y: 0 } };
  }
  const { rows, cursor } = layout(editor, Math.max(1, width - indent - 1));
  const first = Math.max(0, Math.min(cursor.y - look.mostRows + 1, rows.length - look.mostRows));
  const shown = rows.slice(first, first + look.mostRows);
  const rest: Span = span(" ".repeat(indent));
  const lines = shown.map((row, index): Line => [index === 0 ? mark : rest, span(row)]);
  return { lines, cursor: { x: cursor.x + indent, y: cursor.y - first } };
}

/** Breaks the text at newlines and at `width` columns, and finds the cursor in it. */
function layout({ text, cursor }: Editor, width: number): { rows: string[]; cursor: CursorAt } {
  const rows: string[] = [];
  let row = "";
  let used = 0;
  let offset = 0;
  let at: CursorAt | undefined;
  const endRow = (): void => {
    rows.push(row);
    row = "";
    used = 0;
  };
  for (const grapheme of graphemes(text)) {
    const size = grapheme === "\n" ? 0 : widthOf(grapheme);
    if (used > 0 && used + size > width) endRow();
    if (at === undefined && offset >= cursor) at = { x: used, y: rows.length };
    offset += grapheme.length;
    if (grapheme === "\n") endRow();
    else row += grapheme;
    used += size;
  }
  const end = { x: used, y: rows.length };
  return { rows: [...rows, row], cursor: at ?? end };
}
