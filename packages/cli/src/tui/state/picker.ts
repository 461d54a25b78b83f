import type { Key } from "ink";

import type { ModelChoice } from "../controller.ts";
import { type Editor, editText, emptyEditor } from "./editor.ts";
import { promptKey } from "./keys.ts";
import type { PromptAction } from "./prompt.ts";

/** The list of models to choose from. `choices` is undefined while they are looked for. */
export interface Picker {
  choices: readonly ModelChoice[] | undefined;
  query: Editor;
  /** Counts in the choices that fit the query. */
  selected: number;
}

export const emptyPicker: Picker = { choices: undefined, query: emptyEditor, selected: 0 };

/** Starts at the model in use. */
export function fillPicker(picker: Picker, choices: readonly ModelChoice[]): Picker {
  const filled = { ...picker, choices };
  const inUse = fittingChoices(filled).findIndex((choice) => choice.inUse);
  return { ...filled, selected: Math.max(0, inUse) };
}

/** The choices in which every word of the query occurs. */
export function fittingChoices({ choices = [], query }: Picker): readonly ModelChoice[] {
  const words = query.text.toLowerCase().split(/\s+/);
  return choices.filter(({ reference, group, status }) => {
    const text = `${group} ${reference} ${status}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** What a key made of the picker; `close` leaves it without, `choose` with a model. */
export type Picked = { type: "stay"; picker: Picker } | { type: "close" } | { type: "choose"; reference: string };

const pageRows = 8;

export function pressPicker(picker: Picker, input: string, key: Key): Picked {
  const pressed = promptKey(input, key);
  if (key.pageUp || key.pageDown) return move(picker, key.pageUp ? -pageRows : pageRows);
  switch (pressed.type) {
    case "edit":
      return pressed.actions.reduce<Picked>(
        (picked, action) => (picked.type === "stay" ? edit(picked.picker, action) : picked),
        { type: "stay", picker },
      );
    case "submit": {
      const chosen = fittingChoices(picker)[picker.selected];
      return chosen === undefined ? { type: "stay", picker } : { type: "choose", reference: chosen.reference };
    }
    case "cancel":
    case "interrupt":
    case "end-of-input":
      return { type: "close" };
    default:
      return { type: "stay", picker };
  }
}

export function pastePicker(picker: Picker, text: string): Picker {
  const line = text.replaceAll(/\s+/g, " ");
  return search(picker, editText(picker.query, { type: "insert", text: line }));
}

function edit(picker: Picker, action: PromptAction): Picked {
  switch (action.type) {
    case "up":
      return move(picker, -1);
    case "down":
      return move(picker, 1);
    case "paste":
    case "insert":
      return { type: "stay", picker: pastePicker(picker, action.text) };
    case "move":
    case "delete":
      return { type: "stay", picker: search(picker, editText(picker.query, action)) };
    default:
      return { type: "stay", picker };
  }
}

/** A changed query starts at its first match. */
const search = (picker: Picker, query: Editor): Picker =>
  query.text === picker.query.text ? { ...picker, query } : { ...picker, query, selected: 0 };

/** One step goes round; a page stops at the ends. */
function move(picker: Picker, by: number): Picked {
  const count = fittingChoices(picker).length;
  if (count === 0) return { type: "stay", picker };
  const to = picker.selected + by;
  const selected = Math.abs(by) === 1 ? (to + count) % count : Math.min(count - 1, Math.max(0, to));
  return { type: "stay", picker: { ...picker, selected } };
}
