import { describe, expect, test } from "vitest";

import { ToView } from "../src/messages.ts";
import { type ChatState, emptyState, openPlan, openQuestion, reduce } from "../webview/state.ts";

const fold = (...messages: ToView[]): ChatState => messages.map((one) => ToView.parse(one)).reduce(reduce, emptyState);

const answers = [
  { optionId: "yes", name: "Allow once", kind: "allow" as const },
  { optionId: "no", name: "Reject", kind: "reject" as const },
];

describe("the chat", () => {
  test("joins the pieces of an answer, and begins another after a tool call", () => {
    const state = fold(
      { type: "user", text: "why?" },
      { type: "turn-start" },
      { type: "text", text: "Be" },
      { type: "text", text: "cause." },
      { type: "tool", id: "1", title: "read_file a.ts", status: "completed" },
      { type: "text", text: "See." },
    );
    expect(state.items.map((item) => (item.kind === "tool" ? item.title : item.text))).toEqual([
      "why?",
      "Because.",
      "read_file a.ts",
      "See.",
    ]);
    expect(state.isWorking).toBe(true);
  });

  test("a plan stands there while it is worked on, and until all of it is done", () => {
    const step = (status: "pending" | "completed") => ({ text: "read", status });
    const working: ToView[] = [{ type: "turn-start" }, { type: "plan", steps: [step("pending")] }];
    expect(openPlan(fold(...working))).toEqual([step("pending")]);
    const ended: ToView = { type: "turn-end", reason: "end_turn" };
    expect(openPlan(fold(...working, ended))).toEqual([step("pending")]);
    expect(openPlan(fold(...working, { type: "plan", steps: [step("completed")] }, ended))).toEqual([]);
    expect(openPlan(fold(...working, { type: "reset" }))).toEqual([]);
  });

  test("a card keeps what an update does not mention", () => {
    const state = fold(
      { type: "tool", id: "1", title: "edit_file a.ts", status: "pending", parts: [{ type: "text", text: "x" }] },
      { type: "tool", id: "1", status: "completed" },
    );
    expect(state.items).toMatchObject([{ title: "edit_file a.ts", status: "completed", parts: [{ text: "x" }] }]);
  });

  test("a question stands on its card until it is answered", () => {
    const asked: ToView[] = [
      { type: "turn-start" },
      { type: "tool", id: "1", title: "run_command ls" },
      { type: "permission", id: "q", toolId: "1", answers },
    ];
    expect(openQuestion(fold(...asked))?.question?.id).toBe("q");
    const again = fold(...asked, { type: "permission", id: "q", toolId: "1", warning: "unsaved", answers });
    expect(openQuestion(again)?.question?.warning).toBe("unsaved");
    const rejected = fold(...asked, { type: "permission-end", id: "q", outcome: "rejected", reason: "changed" });
    expect(openQuestion(rejected)).toBeUndefined();
    expect(rejected.items).toMatchObject([{ status: "denied", reason: "changed" }]);
  });

  test("a denied call stays denied, whatever the agent reports of it", () => {
    const state = fold(
      { type: "tool", id: "1", title: "run_command ls" },
      { type: "permission", id: "q", toolId: "1", answers },
      { type: "permission-end", id: "q", outcome: "rejected" },
      { type: "tool", id: "1", status: "failed" },
    );
    expect(state.items).toMatchObject([{ status: "denied" }]);
  });

  test("the end of a turn ends everything that was running, and says so when it did not end by itself", () => {
    const state = fold(
      { type: "turn-start" },
      { type: "tool", id: "1", title: "run_command sleep", status: "in_progress" },
      { type: "permission", id: "q", toolId: "2", answers },
      { type: "turn-end", reason: "cancelled" },
    );
    expect(state).toMatchObject({ isWorking: false });
    expect(state.items).toMatchObject([
      { status: "stopped" },
      { status: "stopped", question: undefined },
      { kind: "notice", text: "Stopped." },
    ]);
    const failed = fold({ type: "turn-start" }, { type: "turn-end", reason: "error", error: "no model" });
    expect(failed.items).toMatchObject([{ kind: "error", text: "no model" }]);
  });

  test("a new chat keeps what is not about the old one", () => {
    const options = [{ id: "mode", name: "Mode", value: "ask", choices: [] }];
    const state = fold(
      { type: "options", options },
      { type: "user", text: "hello" },
      { type: "usage", used: 1, size: 2 },
      { type: "reset" },
    );
    expect(state).toMatchObject({ items: [], options, usage: undefined });
  });
});
