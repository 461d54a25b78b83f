import * as fc from "fast-check";
import type { Key } from "ink";
import { describe, expect, test } from "vitest";

import { pickerLines } from "../../../src/tui/components/picker-lines.ts";
import type { ModelChoice } from "../../../src/tui/controller.ts";
import {
  emptyPicker,
  fillPicker,
  fittingChoices,
  pastePicker,
  type Picker,
  pressPicker,
} from "../../../src/tui/state/picker.ts";
import { lineWidth } from "../../../src/tui/text/width.ts";

const noKey: Key = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};
const key = (change: Partial<Key>): Key => ({ ...noKey, ...change });
const [up, down, enter] = [key({ upArrow: true }), key({ downArrow: true }), key({ return: true })];

const choice = (group: string, reference: string, inUse = false): ModelChoice => ({
  reference,
  group,
  name: reference,
  size: "1 GB",
  window: "32k",
  status: "",
  inUse,
});

const four = [
  choice("built in", "nano"),
  choice("on disk", "qwen-7b", true),
  choice("ollama", "ollama/qwen3:8b"),
  choice("ollama", "ollama/llama3"),
];
const filled = fillPicker(emptyPicker, four);

function press(picker: Picker, input: string, pressed: Key = noKey): Picker {
  const picked = pressPicker(picker, input, pressed);
  if (picked.type !== "stay") throw new Error(`the picker ended with ${picked.type}`);
  return picked.picker;
}

const chosen = (picker: Picker): string | undefined => {
  const picked = pressPicker(picker, "", enter);
  return picked.type === "choose" ? picked.reference : undefined;
};

const text = (picker: Picker, columns = 80, rows = 12): string[] =>
  pickerLines(picker, { columns, rows }).lines.map((line) => line.map((part) => part.text).join(""));

describe("the model picker", () => {
  test("says that it looks for models, and takes what is typed meanwhile", () => {
    expect(text(emptyPicker).join("\n")).toContain("looking for models");
    expect(pressPicker(emptyPicker, "", enter)).toMatchObject({ type: "stay" });
    expect(chosen(fillPicker(press(emptyPicker, "llama3"), four))).toBe("ollama/llama3");
  });

  test("starts at the model in use, and goes round with the arrows", () => {
    expect(chosen(filled)).toBe("qwen-7b");
    expect(chosen(press(filled, "", down))).toBe("ollama/qwen3:8b");
    expect(chosen(press(press(filled, "", up), "", up))).toBe("ollama/llama3");
    expect(chosen(press(filled, "n", key({ ctrl: true })))).toBe("ollama/qwen3:8b");
  });

  test("keeps what has every word that was typed, in name or group, and starts at the first", () => {
    const searched = press(press(filled, "QWEN"), " oll");
    expect(fittingChoices(searched).map(({ reference }) => reference)).toEqual(["ollama/qwen3:8b"]);
    expect(chosen(searched)).toBe("ollama/qwen3:8b");
    expect(chosen(press(searched, "", key({ backspace: true, ctrl: true })))).toBe("qwen-7b");
    expect(fittingChoices(pastePicker(filled, "qwen\n7b\n"))).toHaveLength(1);
  });

  test("chooses nothing when nothing fits", () => {
    const nothing = press(filled, "zzz");
    expect(text(nothing).join("\n")).toContain("no model fits");
    expect(pressPicker(nothing, "", enter)).toMatchObject({ type: "stay" });
    expect(press(nothing, "", down).selected).toBe(0);
  });

  test.each([
    ["Esc", "", key({ escape: true })],
    ["Ctrl-C", "c", key({ ctrl: true })],
    ["Ctrl-D", "d", key({ ctrl: true })],
  ])("is left with %s", (_, input, pressed) => {
    expect(pressPicker(filled, input, pressed)).toEqual({ type: "close" });
  });

  test("names each group once, and what is in use", () => {
    expect(text(filled).slice(2, -1)).toEqual([
      "  built in    nano                1 GB    32k",
      "  on disk   › qwen-7b             1 GB    32k  in use",
      "  ollama      ollama/qwen3:8b     1 GB    32k",
      "              ollama/llama3       1 GB    32k",
    ]);
  });

  test("shows the selected one of very many, in the room it has, whatever was pressed", () => {
    const many = Array.from({ length: 5000 }, (_, index) => choice("ollama", `ollama/模型-${index}`));
    const moves = fc.constantFrom(up, down, key({ pageUp: true }), key({ pageDown: true }));
    const sizes = fc.record({ columns: fc.integer({ min: 10, max: 120 }), rows: fc.integer({ min: 4, max: 40 }) });
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 30 }), sizes, (pressed, room) => {
        const picker = pressed.reduce((before, one) => press(before, "", one), fillPicker(emptyPicker, many));
        const { lines } = pickerLines(picker, room);
        expect(lines.length).toBeLessThanOrEqual(room.rows);
        for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(room.columns);
        const marked = lines.slice(2).filter((line) => line.some((part) => part.text.startsWith("› ")));
        if (room.columns > 20) expect(marked).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });
});
