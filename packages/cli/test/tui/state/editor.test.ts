import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { type EditorAction, editText, emptyEditor } from "../../../src/tui/state/editor.ts";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

const after = (...actions: EditorAction[]): string => {
  const { text, cursor } = actions.reduce(editText, emptyEditor);
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
};
const insert = (text: string): EditorAction => ({ type: "insert", text });
const move = (to: Extract<EditorAction, { type: "move" }>["to"]): EditorAction => ({ type: "move", to });
const cut = (what: Extract<EditorAction, { type: "delete" }>["what"]): EditorAction => ({ type: "delete", what });

describe("the input line", () => {
  test("inserts where the cursor is", () => {
    expect(after(insert("ac"), move("left"), insert("b"))).toBe("ab|c");
  });

  test("moves over an emoji of several code points at once", () => {
    expect(after(insert("a👩‍💻b"), move("left"), move("left"))).toBe("a|👩‍💻b");
    expect(after(insert("a👩‍💻b"), move("left"), cut("left"))).toBe("a|b");
  });

  test("moves and deletes by word", () => {
    expect(after(insert("one two three"), move("word-left"), move("word-left"))).toBe("one |two three");
    expect(after(insert("one two "), cut("word-left"))).toBe("one |");
    expect(after(insert("one two"), move("line-start"), move("word-right"))).toBe("one| two");
  });

  test("deletes to the ends of the line, not of the text", () => {
    expect(after(insert("a\nbcd"), move("left"), cut("to-line-start"))).toBe("a\n|d");
    expect(after(insert("abc\nd"), move("up"), cut("to-line-end"))).toBe("a|\nd");
  });

  test("keeps the column between lines as far as they go", () => {
    expect(after(insert("abcd\nx\nefgh"), move("up"))).toBe("abcd\nx|\nefgh");
    expect(after(insert("ab\ncd"), move("line-start"), move("up"), move("down"))).toBe("ab\n|cd");
  });

  test("stays in place at both ends", () => {
    expect(after(move("left"), cut("left"), move("up"), insert("a"), move("right"), move("down"), cut("right"))).toBe(
      "a|",
    );
  });

  test("always has its cursor between two graphemes", () => {
    const text = fc.constantFrom("a", " ", "\n", "e", "\u0301", "👩", "\u200d", "💻", "🇩", "🇪", "日", "\r", "ก", "ำ");
    const action: fc.Arbitrary<EditorAction> = fc.oneof(
      text.map(insert),
      fc
        .constantFrom("left", "right", "word-left", "word-right", "line-start", "line-end", "up", "down")
        .map((to) => move(to as "left")),
      fc.constantFrom("left", "right", "word-left", "to-line-start", "to-line-end").map((what) => cut(what as "left")),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        let editor = emptyEditor;
        for (const each of actions) {
          editor = editText(editor, each);
          const boundaries = [...segmenter.segment(editor.text)].map(({ index }) => index);
          expect([...boundaries, editor.text.length]).toContain(editor.cursor);
        }
      }),
      { numRuns: 500 },
    );
  });
});
