import { assertNever } from "@trust-cli/core/protocol";

/** Text being typed. `cursor` is a UTF-16 offset, always between two graphemes. */
export interface Editor {
  readonly text: string;
  readonly cursor: number;
}

export type EditorAction =
  | { type: "insert"; text: string }
  | { type: "move"; to: "left" | "right" | "word-left" | "word-right" | "line-start" | "line-end" | "up" | "down" }
  | { type: "delete"; what: "left" | "right" | "word-left" | "to-line-start" | "to-line-end" }
  | { type: "replace"; from: number; text: string }
  | { type: "set"; text: string };

export const emptyEditor: Editor = { text: "", cursor: 0 };

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function editText(editor: Editor, action: EditorAction): Editor {
  const { text, cursor } = editor;
  switch (action.type) {
    case "insert":
      return at(text.slice(0, cursor) + action.text + text.slice(cursor), cursor + action.text.length);
    case "move":
      return at(text, targets[action.to](editor));
    case "delete":
      return cut(editor, action.what);
    case "replace":
      return at(text.slice(0, action.from) + action.text + text.slice(cursor), action.from + action.text.length);
    case "set":
      return at(action.text, action.text.length);
    default:
      return assertNever(action);
  }
}

export const isOnFirstLine = ({ text, cursor }: Editor): boolean => !text.slice(0, cursor).includes("\n");
export const isOnLastLine = ({ text, cursor }: Editor): boolean => !text.slice(cursor).includes("\n");

/** Joining two texts can join graphemes: the cursor then moves behind the joined one. */
function at(text: string, cursor: number): Editor {
  if (cursor >= text.length) return { text, cursor: text.length };
  const found = segmenter.segment(text).containing(cursor);
  if (found === undefined || found.index === cursor) return { text, cursor };
  return { text, cursor: found.index + found.segment.length };
}

function cut(editor: Editor, what: Extract<EditorAction, { type: "delete" }>["what"]): Editor {
  const { text, cursor } = editor;
  const other = targets[deleted[what]](editor);
  const [from, to] = other < cursor ? [other, cursor] : [cursor, other];
  return at(text.slice(0, from) + text.slice(to), from);
}

type Move = Extract<EditorAction, { type: "move" }>["to"];

const deleted = {
  left: "left",
  right: "right",
  "word-left": "word-left",
  "to-line-start": "line-start",
  "to-line-end": "line-end",
} as const satisfies Record<string, Move>;

const targets: Record<Move, (editor: Editor) => number> = {
  left: ({ text, cursor }) => before(text, cursor),
  right: ({ text, cursor }) => after(text, cursor),
  "word-left": ({ text, cursor }) => cursor - (/\S*\s*$/.exec(text.slice(0, cursor))?.[0].length ?? 0),
  "word-right": ({ text, cursor }) => cursor + (/^\s*\S*/.exec(text.slice(cursor))?.[0].length ?? 0),
  "line-start": ({ text, cursor }) => lineStart(text, cursor),
  "line-end": ({ text, cursor }) => lineEnd(text, cursor),
  up: (editor) => sameColumn(editor, lineStart(editor.text, Math.max(0, lineStart(editor.text, editor.cursor) - 1))),
  down: (editor) => sameColumn(editor, Math.min(editor.text.length, lineEnd(editor.text, editor.cursor) + 1)),
};

function before(text: string, cursor: number): number {
  return cursor === 0 ? 0 : (segmenter.segment(text).containing(cursor - 1)?.index ?? 0);
}

function after(text: string, cursor: number): number {
  const found = segmenter.segment(text).containing(cursor);
  return found === undefined ? text.length : found.index + found.segment.length;
}

const lineStart = (text: string, cursor: number): number => (cursor === 0 ? 0 : text.lastIndexOf("\n", cursor - 1) + 1);

function lineEnd(text: string, cursor: number): number {
  const end = text.indexOf("\n", cursor);
  return end === -1 ? text.length : end;
}

function sameColumn({ text, cursor }: Editor, start: number): number {
  const column = cursor - lineStart(text, cursor);
  return Math.min(start + column, lineEnd(text, start));
}
