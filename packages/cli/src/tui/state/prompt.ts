import { type Editor, type EditorAction, editText, emptyEditor, isOnFirstLine, isOnLastLine } from "./editor.ts";
import type { EventOf, Handlers } from "./handlers.ts";

/** The input line with its history and its collapsed pastes. */
export interface Prompt {
  editor: Editor;
  /** Oldest first. */
  history: readonly string[];
  /** How far back in `history`; 0 is what is being typed. */
  back: number;
  /** What was being typed when the person went back. */
  typed: string;
  /** What each placeholder in the text stands for. */
  pastes: ReadonlyMap<string, string>;
}

export type PromptAction =
  | EditorAction
  | { type: "up" }
  | { type: "down" }
  | { type: "paste"; text: string }
  | { type: "history"; entries: readonly string[] }
  | { type: "clear" }
  | { type: "submitted"; text: string };

export const emptyPrompt: Prompt = { editor: emptyEditor, history: [], back: 0, typed: "", pastes: new Map() };

/** Pastes with more lines than this are collapsed on the screen, not in what is sent. */
const longPaste = 10;

export function reducePrompt<Type extends PromptAction["type"]>(
  prompt: Prompt,
  action: EventOf<PromptAction, Type>,
): Prompt {
  return handlers[action.type](prompt, action);
}

const edit = (prompt: Prompt, action: EditorAction): Prompt => ({ ...prompt, editor: editText(prompt.editor, action) });

const handlers: Handlers<Prompt, PromptAction> = {
  up: (prompt) => (isOnFirstLine(prompt.editor) ? recall(prompt, 1) : edit(prompt, { type: "move", to: "up" })),
  down: (prompt) => (isOnLastLine(prompt.editor) ? recall(prompt, -1) : edit(prompt, { type: "move", to: "down" })),
  paste: (prompt, { text }) => paste(prompt, text),
  history: (prompt, { entries }) => ({ ...prompt, history: [...entries, ...prompt.history] }),
  clear: ({ history }) => ({ ...emptyPrompt, history }),
  submitted: ({ history }, { text }) => ({
    ...emptyPrompt,
    history: history.at(-1) === text ? history : [...history, text],
  }),
  insert: edit,
  move: edit,
  delete: edit,
  replace: edit,
  set: edit,
};

/** What is sent: placeholders are replaced by what was pasted. */
export function expandedText({ editor, pastes }: Prompt): string {
  let { text } = editor;
  for (const [placeholder, pasted] of pastes) text = text.replace(placeholder, () => pasted);
  return text;
}

function recall(prompt: Prompt, step: 1 | -1): Prompt {
  const back = Math.min(Math.max(prompt.back + step, 0), prompt.history.length);
  if (back === prompt.back) return prompt;
  const typed = prompt.back === 0 ? prompt.editor.text : prompt.typed;
  const text = back === 0 ? typed : (prompt.history.at(-back) ?? "");
  return { ...edit(prompt, { type: "set", text }), back, typed };
}

function paste(prompt: Prompt, text: string): Prompt {
  const lines = text.split("\n").length;
  if (lines <= longPaste) return edit(prompt, { type: "insert", text });
  const number = prompt.pastes.size === 0 ? "" : ` ${prompt.pastes.size + 1}`;
  const placeholder = `[pasted ${lines} lines${number}]`;
  const pastes = new Map(prompt.pastes).set(placeholder, text);
  return { ...edit(prompt, { type: "insert", text: placeholder }), pastes };
}
