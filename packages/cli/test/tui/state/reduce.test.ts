import type { AgentEvent, ApprovalRequest, ToolCall } from "@trust-cli/core/protocol";
import { describe, expect, test } from "vitest";

import { blockLines } from "../../../src/tui/components/block-lines.ts";
import { historyBlocks } from "../../../src/tui/state/history-blocks.ts";
import { reduceView } from "../../../src/tui/state/reduce.ts";
import { type ChatView, createView, isRunning, type UiEvent } from "../../../src/tui/state/view.ts";
import { plain } from "../plain.ts";

const start = {
  version: "0.1.0",
  cwdLabel: "~/shop",
  branch: undefined,
  modelName: "nano",
  modelNote: "built in",
  mode: "ask",
  notices: [],
};
const usage = { promptTokens: 2000, reusedTokens: 1000, outputTokens: 48 };
const empty = createView(start, []);

const agent = (view: ChatView, ...events: AgentEvent[]): ChatView => reduceView(view, { type: "agent", events });
const ui = (view: ChatView, event: UiEvent): ChatView => reduceView(view, { type: "ui", event });
const text = (delta: string): AgentEvent => ({ type: "text-delta", delta });
const end: AgentEvent = { type: "turn-end", reason: "done", usage, refused: 0 };

const call = (id: string, name = "read_file"): ToolCall => ({
  id,
  name,
  args: { path: "a.ts" },
  raw: "",
  via: "native",
  repairs: [],
});
const toolStart = (id: string): AgentEvent => ({
  type: "tool-start",
  call: call(id),
  subject: "a.ts",
  preview: undefined,
});
const toolEnd = (callId: string, more: Partial<Extract<AgentEvent, { type: "tool-end" }>> = {}): AgentEvent => ({
  type: "tool-end",
  callId,
  status: "ok",
  summary: "12 lines",
  text: "content",
  milliseconds: 4,
  ...more,
});

/** The finished blocks after the header, as text. */
const transcript = ({ committed }: ChatView): string =>
  committed
    .slice(1)
    .flatMap((block, index) => plain(blockLines(block, committed[index], 60)))
    .join("\n")
    .trim();

describe("a reply", () => {
  test("moves finished blocks out of the live part while it streams", () => {
    const view = agent(empty, text("One.\n\nTwo"));
    expect(transcript(view)).toBe("One.");
    expect(view.draft.text).toBe("Two");
  });

  test("is whole and in order when the turn has ended", () => {
    const view = agent(empty, text("One.\n\n- a\n- b\n\nTw"), text("o"), end);
    expect(transcript(view)).toBe("One.\n\n  • a\n  • b\n\n  Two");
    expect(view.draft.text).toBe("");
    expect(isRunning(view)).toBe(false);
  });

  test("cannot steer the terminal, not even with a sequence split over deltas", () => {
    const view = agent(empty, text("a\u001b"), text("[2"), text("Jb\u001b]52;c;"), text("eA==\u0007c"), end);
    expect(transcript(view)).toBe("abc");
  });

  test("folds reasoning to one line with its number of words", () => {
    const view = agent(
      empty,
      { type: "thought-delta", delta: "one tw" },
      { type: "thought-delta", delta: "o three" },
      text("Yes."),
      end,
    );
    expect(transcript(view)).toBe("thought for 3 words\n\n  Yes.");
  });

  test("says why it ended early", () => {
    expect(transcript(agent(empty, text("par"), { ...end, reason: "abort" }))).toBe("par\n\n  stopped");
  });

  test("shows an error with what to do next", () => {
    const error = { code: "HOST_CRASHED", message: "the host stopped\u001b[2J", hint: "/model" } as const;
    expect(transcript(agent(empty, { ...end, reason: "error", error }))).toBe("✗ the host stopped\n    Try: /model");
  });
});

describe("tool calls", () => {
  test("are finished in the order of the calls, whatever ends first", () => {
    const started = agent(empty, toolStart("1"), toolStart("2"), toolEnd("2"));
    expect(transcript(started)).toBe("");
    expect(started.cards.map(({ state }) => state)).toEqual(["running", "done"]);
    const view = agent(started, toolEnd("1", { summary: "first" }));
    expect(
      transcript(view)
        .split("\n")
        .map((line) => line.trim().slice(0, 1)),
    ).toEqual(["●", "●"]);
    expect(view.cards).toEqual([]);
  });

  test("come after the text that the model wrote before them", () => {
    const view = agent(
      empty,
      text("Look"),
      { type: "call-end", call: call("1") },
      toolStart("1"),
      toolEnd("1"),
      text("Done"),
      end,
    );
    expect(transcript(view)).toMatch(/^Look\n\n {2}● read_file {2}a.ts .* 12 lines · 4 ms\n\n {2}Done$/);
  });

  test("show the last lines of what a command prints and how many came before", () => {
    const delta = Array.from({ length: 10_000 }, (_, index) => `line ${index}`).join("\n");
    const running = agent(empty, toolStart("1"), { type: "tool-delta", callId: "1", delta });
    expect(running.cards[0]?.output.length).toBeLessThanOrEqual(8);
    const lines = transcript(agent(running, toolEnd("1", { text: delta }))).split("\n");
    expect(lines).toHaveLength(10);
    expect(lines[1]).toContain("9,992 more lines");
    expect(lines.at(-1)).toContain("line 9999");
  });

  test("that are refused before they start are shown with their name", () => {
    const view = agent(
      empty,
      { type: "call-end", call: call("1", "run_command") },
      toolEnd("1", { status: "refused", summary: "refused" }),
      end,
    );
    expect(transcript(view)).toMatch(/^⊘ run_command {2}a.ts .* refused$/);
  });

  test("that cannot be read are shown as failed", () => {
    const view = agent(
      empty,
      { type: "call-start", id: "1", name: "edit_file" },
      { type: "call-invalid", id: "1", raw: "{", errors: ["path: expected string"], truncated: false },
      end,
    );
    expect(transcript(view)).toMatch(/^✗ edit_file .* path: expected string$/);
  });

  test("that change a file show the change below, once", () => {
    const preview = { kind: "diff", path: "a.ts", before: "x\n", after: "y\n", isNew: false } as const;
    const started: AgentEvent = { type: "tool-start", call: call("1", "edit_file"), subject: "a.ts", preview };
    const view = agent(empty, started, toolEnd("1"), end);
    expect(transcript(view).match(/\+ y/g)).toHaveLength(1);
  });
});

describe("approvals", () => {
  const preview = { kind: "diff", path: "a.ts", before: "x\n", after: "y\n", isNew: false } as const;
  const request: ApprovalRequest = {
    call: call("1", "edit_file"),
    risk: "change",
    subject: "a.ts",
    preview,
    rule: "mode ask",
    grant: "changes in src",
  };
  const asked = agent(empty, { type: "approval-start", request });

  test("wait until the person or the turn decides", () => {
    expect(asked.approvals).toEqual([request]);
    expect(ui(asked, { type: "decided", callId: "1" }).approvals).toEqual([]);
    expect(agent(asked, { type: "approval-end", callId: "1", decision: { decision: "yes" } }).approvals).toEqual([]);
    expect(agent(asked, { ...end, reason: "abort" }).approvals).toEqual([]);
  });

  test("that were shown above the dialog are not shown again when applied", () => {
    const above = ui(ui(asked, { type: "preview-shown", callId: "1" }), { type: "preview-shown", callId: "1" });
    const done = agent(
      above,
      { type: "tool-start", call: call("1", "edit_file"), subject: "a.ts", preview },
      toolEnd("1"),
      end,
    );
    expect(transcript(done).match(/\+ y/g)).toHaveLength(1);
  });
});

describe("the model", () => {
  test("is shown with how full its context is", () => {
    const view = agent(
      empty,
      { type: "step-start", step: 1, contextTokens: 2000, contextSize: 4096 },
      { type: "step-end", step: 1, usage, tokensPerSecond: 31 },
    );
    expect(view.model).toMatchObject({ contextTokens: 2048, contextSize: 4096, tokensPerSecond: 31 });
  });

  test("says when it could not be loaded, and the prompt stays usable", () => {
    const loading = ui(empty, { type: "load", fraction: 0.43 });
    const failed = ui(loading, {
      type: "failure",
      error: { code: "MODEL_FAILED", message: "out of memory" },
      isOfTurn: false,
    });
    expect(failed.model.loading).toBeUndefined();
    expect(isRunning(failed)).toBe(false);
    expect(transcript(failed)).toContain("✗ out of memory");
  });
});

describe("a resumed conversation", () => {
  test("is shown from its messages, the newest when there are many", () => {
    const messages = Array.from({ length: 60 }, (_, index) => ({ role: "user", text: `question ${index}` }) as const);
    const view = createView(start, historyBlocks(messages));
    expect(transcript(view)).toContain("20 earlier messages are not shown");
    expect(transcript(view)).toContain("question 59");
  });

  test("shows tool results as cards and nothing of the system text", () => {
    const blocks = historyBlocks([
      { role: "system", text: "secret" },
      { role: "assistant", text: "", calls: [call("1")] },
      { role: "tool", callId: "1", name: "read_file", status: "failed", text: "", summary: "no such file" },
    ]);
    expect(transcript(createView(start, blocks))).toMatch(/^✗ read_file .* no such file$/);
  });
});

describe("a model that is being loaded", () => {
  const loading = agent(empty, { type: "model-load", fraction: 0.4 });

  test.each<[string, AgentEvent[]]>([
    ["it is loaded", [{ type: "model-load", fraction: 1 }]],
    ["it reads the prompt", [{ type: "prefill", done: 1, total: 2, reused: 0 }]],
    ["it writes", [text("a")]],
    ["the turn ends", [end]],
  ])("is no longer shown as one when %s", (_, events) => {
    expect(loading.model.loading).toBe(0.4);
    expect(agent(loading, ...events).model.loading).toBeUndefined();
  });

  test("is not shown as one after the first warm-up reached its end", () => {
    expect(ui(empty, { type: "load", fraction: 1 }).model.loading).toBeUndefined();
  });

  test("tells where what it reuses came from as long as it reads", () => {
    const first = agent(empty, { type: "prefill", done: 9, total: 20, reused: 9, source: "disk" });
    const later = agent(first, { type: "prefill", done: 20, total: 20, reused: 9 });
    expect(later.activity).toMatchObject({ kind: "prefill", done: 20, source: "disk" });
  });

  test.each([
    [2000, "2,000 tokens are read again: where the prompt said “Rules”, it now says “Today is ”"],
    [20, undefined],
  ])("says why %s tokens are read again", (lost, said) => {
    const broke = { at: 7, lost, was: " Rules\n", now: "Today is \u001b[31m" };
    const view = agent(empty, { type: "prefill", done: 0, total: 3000, reused: 7, source: "memory", broke });
    const notices = view.committed.flatMap((block) => (block.kind === "notice" ? [block.text] : []));
    expect(notices).toEqual(said === undefined ? [] : [said]);
  });

  test("reads no prompt when its host was started again", () => {
    const view = agent(
      ui(empty, { type: "submit", text: "hi" }),
      { type: "prefill", done: 1, total: 2, reused: 0 },
      { type: "model-restart", reason: "killed" },
    );
    expect(view.activity.kind).toBe("starting");
  });
});

describe("the speed of a model", () => {
  const speedAfter = (view: ChatView, tokensPerSecond: number | undefined, outputTokens: number) =>
    agent(view, { type: "step-end", step: 1, usage: { ...usage, outputTokens }, tokensPerSecond });

  test("is shown when it was measured over long enough", () => {
    expect(speedAfter(empty, 31.4, 40).model.tokensPerSecond).toBe(31.4);
  });

  test.each([
    [27_153_964, 3],
    [27_153_964, 50_000_000],
    [500, 3],
    [0, 0],
    [Number.POSITIVE_INFINITY, 10],
  ])("of %d tokens per second for %d tokens is not believed, and none is shown", (speed, tokens) => {
    expect(speedAfter(speedAfter(empty, 31.4, 40), speed, tokens).model.tokensPerSecond).toBeUndefined();
  });

  test("is forgotten with the model", () => {
    const view = ui(speedAfter(empty, 31.4, 40), { type: "ready", name: "other", contextSize: 8192 });
    expect(view.model).toMatchObject({ name: "other", contextSize: 8192, tokensPerSecond: undefined });
  });
});

test("a model's name cannot steer the terminal", () => {
  const name = "a\u001b[2Jb";
  expect(ui(empty, { type: "ready", name, contextSize: 1 }).model.name).toBe("ab");
  expect(createView({ ...start, modelName: name }, []).model.name).toBe("ab");
});
