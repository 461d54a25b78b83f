import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { requestLines } from "../../../src/tui/components/approval-dialog.ts";
import { diffView } from "../../../src/tui/components/diff-view.ts";
import { drawFrame, type FrameInput } from "../../../src/tui/components/frame.ts";
import { createDialog } from "../../../src/tui/state/dialog.ts";
import { emptyPrompt, reducePrompt } from "../../../src/tui/state/prompt.ts";
import { emptyScreen } from "../../../src/tui/state/screen.ts";
import { type ChatView, createView } from "../../../src/tui/state/view.ts";
import { lineWidth } from "../../../src/tui/text/width.ts";
import { plain } from "../plain.ts";

const start = {
  version: "1",
  cwdLabel: "~",
  branch: undefined,
  modelName: "nano",
  modelNote: "",
  mode: "ask",
  notices: [],
};
const empty = createView(start, []);
const frame = (change: Partial<FrameInput>): FrameInput => ({
  view: empty,
  prompt: emptyPrompt,
  screen: emptyScreen,
  approval: undefined,
  tick: 0,
  ...change,
});
const typed = (text: string) => reducePrompt(emptyPrompt, { type: "insert", text });
const status = (view: Partial<ChatView>): string =>
  plain(drawFrame(frame({ view: { ...empty, ...view } }), { columns: 80, rows: 24 }).lines)
    .at(-1)
    ?.trim() ?? "";

describe("the live part of the screen", () => {
  test("is always shorter than the terminal and never wider, at any size", () => {
    const preview = { kind: "diff", path: "a.ts", before: "a\n", after: "b\n".repeat(30), isNew: false } as const;
    const call = { id: "1", name: "edit_file", args: {}, raw: "", via: "native" as const, repairs: [] };
    const request = {
      call,
      risk: "change" as const,
      subject: "a.ts",
      preview,
      rule: "because",
      grant: "changes in src/cart",
    };
    const draft = { text: `${"word ".repeat(400)}\n| a | b |`, continued: false, pending: "" };
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 120 }),
        fc.integer({ min: 2, max: 40 }),
        fc.boolean(),
        (columns, rows, asks) => {
          const dialog = { ...createDialog(request), isRuleShown: true };
          const approval = asks ? { request, dialog, details: requestLines(request, columns) } : undefined;
          const view = { ...empty, draft, queued: "next", approvals: asks ? [request] : [] };
          const { lines, cursor } = drawFrame(frame({ view, prompt: typed("some\nlong text ".repeat(20)), approval }), {
            columns,
            rows,
          });
          expect(lines.length).toBeLessThan(Math.max(2, rows));
          for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(columns);
          if (cursor !== undefined) {
            expect(cursor.y).toBeLessThan(lines.length);
            expect(cursor.x).toBeLessThan(columns);
          }
        },
      ),
    );
  });

  test("shows the end of a block that is longer than the screen", () => {
    const draft = {
      text: Array.from({ length: 100 }, (_, index) => `| row ${index} |`).join("\n"),
      continued: false,
      pending: "",
    };
    const { lines } = drawFrame(frame({ view: { ...empty, draft } }), { columns: 40, rows: 12 });
    expect(plain(lines).join("\n")).toContain("row 99");
    expect(plain(lines).join("\n")).not.toContain("row 5 ");
  });

  test("keeps the cursor in sight in wide characters and in long input", () => {
    expect(drawFrame(frame({ prompt: typed("日本") }), { columns: 40, rows: 12 }).cursor).toEqual({ x: 6, y: 1 });
    const { lines, cursor } = drawFrame(
      frame({ prompt: typed(Array.from({ length: 50 }, (_, index) => `l${index}`).join("\n")) }),
      { columns: 40, rows: 12 },
    );
    expect(plain(lines)[cursor?.y ?? -1]).toContain("l49");
  });
});

describe("the status line", () => {
  test.each<[string, Partial<ChatView>]>([
    [
      "nano · 50% of 4k · ask mode · 31 tokens/s",
      { model: { ...empty.model, contextTokens: 2048, contextSize: 4096, tokensPerSecond: 31.2 } },
    ],
    ["nano · loading model 43% · ask mode", { model: { ...empty.model, loading: 0.43 } }],
    [
      "reading prompt  1,840 of 2,310 tokens · 79% reused",
      { activity: { kind: "prefill", done: 1840, total: 2310, reused: 1825 } },
    ],
    [
      "reading prompt  3,000 of 3,020 tokens · 99% reused from disk",
      { activity: { kind: "prefill", done: 3000, total: 3020, reused: 2990, source: "disk" } },
    ],
    ["loading model 43%", { activity: { kind: "starting" }, model: { ...empty.model, loading: 0.43 } }],
    ["stopping", { activity: { kind: "stopping" } }],
    ["nano · 100% of 32k · ask mode", { model: { ...empty.model, contextTokens: 66_847, contextSize: 32_768 } }],
  ])("says: %s", (text, view) => {
    expect(status(view)).toContain(text);
  });
});

describe("an approval", () => {
  const call = { id: "1", name: "edit_file", args: {}, raw: "", via: "native" as const, repairs: [] };
  const dialogAt = (grant: string, columns: number): string => {
    const request = { call, risk: "change" as const, subject: "a.ts", preview: undefined, rule: "because", grant };
    const approval = { request, dialog: createDialog(request), details: requestLines(request, columns) };
    return plain(drawFrame(frame({ approval }), { columns, rows: 24 }).lines).join("\n");
  };

  test("says what a yes for the session covers", () => {
    expect(dialogAt("changes in src/cart", 80)).toMatch(/ {2}Yes, and changes in src\/cart for this session +s\n/);
  });

  test("says all of it when it is longer than the line, and shows hidden characters", () => {
    const drawn = dialogAt(`changes in ${"deep/".repeat(20)}e\u202en\nd`, 60);
    expect(drawn.replaceAll(/\s+/g, "")).toContain(`${"deep/".repeat(20)}e‹U+202E›nd`);
  });
});

describe("a diff", () => {
  test("has line numbers, three lines of context and all that changed", () => {
    const before = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join("\n");
    const { added, removed, lines } = diffView(
      { path: "a", before, after: before.replace("line 10", "line ten"), isNew: false },
      80,
    );
    expect([added, removed]).toEqual([1, 1]);
    expect(plain(lines)).toEqual([
      "     7   line 7",
      "     8   line 8",
      "     9   line 9",
      "    10 − line 10",
      "    10 + line ten",
      "    11   line 11",
      "    12   line 12",
      "    13   line 13",
    ]);
  });

  test("wraps long lines instead of cutting them", () => {
    const { lines } = diffView({ path: "a", before: "", after: `${"x".repeat(30)}\n`, isNew: true }, 20);
    expect(plain(lines).join("").match(/x/g)).toHaveLength(30);
  });

  test("makes hidden characters visible", () => {
    const { lines } = diffView({ path: "a", before: "", after: "a\u202eb\u001b[8m\n", isNew: true }, 80);
    expect(plain(lines).join("")).toContain("a‹U+202E›b‹U+001B›[8m");
  });
});
