import { describe, expect, test } from "vitest";

import { emptyPrompt, expandedText, type PromptAction, reducePrompt } from "../../../src/tui/state/prompt.ts";

const after = (...actions: PromptAction[]) =>
  actions.reduce((prompt, action) => reducePrompt(prompt, action), emptyPrompt);
const history: PromptAction = { type: "history", entries: ["first", "second"] };

describe("the history of the input", () => {
  test("goes back with Up and comes back to what was being typed with Down", () => {
    const typed: PromptAction = { type: "insert", text: "draft" };
    expect(after(history, typed, { type: "up" }).editor.text).toBe("second");
    expect(after(history, typed, { type: "up" }, { type: "up" }, { type: "up" }).editor.text).toBe("first");
    expect(after(history, typed, { type: "up" }, { type: "down" }).editor.text).toBe("draft");
  });

  test("is left alone while the cursor can move to another line", () => {
    const { editor } = after(history, { type: "insert", text: "a\nb" }, { type: "up" });
    expect(editor).toEqual({ text: "a\nb", cursor: 1 });
  });

  test("takes what was sent, once for repeats", () => {
    const prompt = after({ type: "submitted", text: "x" }, { type: "submitted", text: "x" });
    expect(prompt.history).toEqual(["x"]);
  });
});

describe("a paste", () => {
  const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index}`).join("\n");

  test("of a few lines is shown", () => {
    expect(after({ type: "paste", text: "a\nb" }).editor.text).toBe("a\nb");
  });

  test("of many lines is collapsed on the screen and whole in what is sent", () => {
    const prompt = after(
      { type: "insert", text: "see " },
      { type: "paste", text: lines(120) },
      { type: "paste", text: lines(11) },
    );
    expect(prompt.editor.text).toBe("see [pasted 120 lines][pasted 11 lines 2]");
    expect(expandedText(prompt)).toBe(`see ${lines(120)}${lines(11)}`);
  });

  test("may hold the signs that text replacement gives a meaning", () => {
    const text = `${lines(11)}\n$& $1`;
    expect(expandedText(after({ type: "paste", text }))).toBe(text);
  });
});
