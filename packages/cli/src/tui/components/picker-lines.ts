import type { ModelChoice } from "../controller.ts";
import { sanitiseLine } from "../sanitise.ts";
import { fittingChoices, type Picker } from "../state/picker.ts";
import { dim, type Line, span } from "../text/span.ts";
import { truncate, widthOf } from "../text/width.ts";
import { type Drawn, editorLines } from "./prompt-input.ts";

export interface PickerRoom {
  columns: number;
  /** For the whole picker. */
  rows: number;
}

const headRows = 3;
const groupWidth = 10;

/** The models that fit what was typed, the selected one always in sight. */
export function pickerLines(picker: Picker, { columns, rows }: PickerRoom): Drawn {
  const typed = editorLines(picker.query, { mark: "  models › ", placeholder: "type to search", mostRows: 1 }, columns);
  const list = listLines(picker, { columns, rows: Math.max(1, rows - headRows) });
  const foot = truncate([dim(`  ${countText(picker)}enter uses it · esc goes back`)], columns);
  const cursor = typed.cursor && { x: typed.cursor.x, y: typed.cursor.y + 1 };
  return { lines: [[], ...typed.lines, ...list, foot], cursor };
}

function listLines(picker: Picker, { columns, rows }: PickerRoom): Line[] {
  if (picker.choices === undefined) return [[dim("  looking for models")]];
  const fitting = fittingChoices(picker);
  if (fitting.length === 0) return [[dim("  no model fits")]];
  const first = Math.max(0, Math.min(picker.selected - Math.floor(rows / 2), fitting.length - rows));
  const shown = fitting.slice(first, first + rows);
  const nameWidth = Math.max(...shown.map(({ name }) => widthOf(sanitiseLine(name))));
  return shown.map((choice, index) => {
    const previous = shown[index - 1];
    const group = choice.group === previous?.group ? "" : choice.group;
    return truncate(choiceLine(choice, { group, nameWidth, isSelected: first + index === picker.selected }), columns);
  });
}

interface ChoiceLook {
  group: string;
  nameWidth: number;
  isSelected: boolean;
}

function choiceLine({ name, size, window, status, inUse }: ModelChoice, look: ChoiceLook): Line {
  const { group, nameWidth, isSelected } = look;
  const shown = sanitiseLine(name);
  const padding = " ".repeat(Math.max(0, nameWidth - widthOf(shown)));
  const facts = `${size.padStart(7)}  ${window.padStart(5)}  ${[inUse ? "in use" : "", sanitiseLine(status)].filter(Boolean).join(" · ")}`;
  return [
    dim(`  ${group.padEnd(groupWidth)}`),
    span(`${isSelected ? "› " : "  "}${shown}`, isSelected ? { colour: "accent" } : {}),
    dim(`${padding}  ${facts.trimEnd()}`),
  ];
}

function countText(picker: Picker): string {
  if (picker.choices === undefined) return "";
  const count = fittingChoices(picker).length;
  return `${Math.min(count, picker.selected + 1)} of ${count.toLocaleString("en-US")} · `;
}
