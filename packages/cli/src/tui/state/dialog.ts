import type { ApprovalDecision, ApprovalRequest } from "@trust-cli/core/protocol";
import type { Key } from "ink";

import { type Editor, editText, emptyEditor } from "./editor.ts";
import { promptKey } from "./keys.ts";

/** How far the person is with one approval. `reason` is there while a refusal is being explained. */
export interface Dialog {
  callId: string;
  selected: number;
  isRuleShown: boolean;
  reason: Editor | undefined;
  /** When it was on the screen, in milliseconds since the epoch. */
  drawnAt: number | undefined;
}

/** The answers, top to bottom, each with the key that gives it. */
export const dialogOptions = [{ key: "y" }, { key: "s" }, { key: "n" }] as const;

/** Keys typed sooner than this after the dialog was drawn were meant for something else. */
export const guardMilliseconds = 300;

/** Only a change to a file, which can be undone, starts at Yes. */
export function createDialog({ call, risk, preview }: ApprovalRequest): Dialog {
  const selected =
    risk === "change" && (preview?.kind === "diff" || preview?.kind === "changes") ? 0 : dialogOptions.length - 1;
  return { callId: call.id, selected, isRuleShown: false, reason: undefined, drawnAt: undefined };
}

export interface Pressed {
  dialog: Dialog;
  decision: ApprovalDecision | undefined;
}

export function pressDialog(dialog: Dialog, input: string, key: Key): Pressed {
  return dialog.reason === undefined ? pressOption(dialog, input, key) : pressReason(dialog, dialog.reason, input, key);
}

function pressOption(dialog: Dialog, input: string, key: Key): Pressed {
  const last = dialogOptions.length - 1;
  const { selected } = dialog;
  if (key.upArrow) return undecided({ ...dialog, selected: selected === 0 ? last : selected - 1 });
  if (key.downArrow) return undecided({ ...dialog, selected: selected === last ? 0 : selected + 1 });
  if (key.return) return choose(dialog, dialogOptions[selected]?.key);
  if (input === "?") return undecided({ ...dialog, isRuleShown: !dialog.isRuleShown });
  return key.ctrl || key.meta ? undecided(dialog) : choose(dialog, input.toLowerCase());
}

function choose(dialog: Dialog, key: string | undefined): Pressed {
  if (key === "y") return { dialog, decision: { decision: "yes" } };
  if (key === "s") return { dialog, decision: { decision: "yes-session" } };
  if (key === "n") return undecided({ ...dialog, selected: dialogOptions.length - 1, reason: emptyEditor });
  return undecided(dialog);
}

function pressReason(dialog: Dialog, reason: Editor, input: string, key: Key): Pressed {
  const pressed = promptKey(input, key);
  if (pressed.type === "submit") return { dialog, decision: { decision: "no", reason: reason.text.trim() } };
  if (pressed.type !== "edit") return undecided(dialog);
  let next = reason;
  for (const action of pressed.actions) {
    if (action.type === "insert" || action.type === "paste") next = editText(next, insertLine(action.text));
    else if (action.type === "move" || action.type === "delete") next = editText(next, action);
  }
  return undecided({ ...dialog, reason: next });
}

/** A reason has one line. */
const insertLine = (text: string): { type: "insert"; text: string } => ({
  type: "insert",
  text: text.replaceAll("\n", " "),
});

const undecided = (dialog: Dialog): Pressed => ({ dialog, decision: undefined });
