import type { ApprovalRequest, Preview, Risk } from "@trust-cli/core/protocol";
import type { Key } from "ink";
import { describe, expect, test } from "vitest";

import { createDialog, dialogOptions, pressDialog } from "../../../src/tui/state/dialog.ts";

const key = (change: Partial<Key> = {}): Key => ({
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
  ...change,
});
const enter = key({ return: true });

function request(risk: Risk, preview: Preview | undefined): ApprovalRequest {
  const call = { id: "1", name: "tool", args: {}, raw: "", via: "native", repairs: [] } as const;
  return { call: { ...call, repairs: [] }, risk, subject: "", preview, rule: "", grant: "" };
}
const command = request("command", { kind: "command", command: "ls", cwd: "." });
const change = request("change", { kind: "diff", path: "a", before: "", after: "", isNew: true });

describe("an approval", () => {
  test.each([
    ["a command", command, "n"],
    ["a call that shows no change", request("change", undefined), "n"],
    ["a read", request("read", undefined), "n"],
    ["a change that is shown", change, "y"],
  ] as const)("of %s starts at the answer %s", (_, asked, expected) => {
    expect(dialogOptions[createDialog(asked).selected]?.key).toBe(expected);
  });

  test("is given by a letter or by Enter on an answer", () => {
    const dialog = createDialog(change);
    expect(pressDialog(dialog, "y", key()).decision).toEqual({ decision: "yes" });
    expect(pressDialog(dialog, "s", key()).decision).toEqual({ decision: "yes-session" });
    const { dialog: next } = pressDialog(dialog, "", key({ downArrow: true }));
    expect(pressDialog(next, "", enter).decision).toEqual({ decision: "yes-session" });
  });

  test("is refused with a reason, which may be empty", () => {
    let { dialog, decision } = pressDialog(createDialog(change), "n", key());
    expect(decision).toBeUndefined();
    expect(pressDialog(dialog, "", enter).decision).toEqual({ decision: "no", reason: "" });
    for (const letter of "yes, later") ({ dialog, decision } = pressDialog(dialog, letter, key()));
    expect(decision).toBeUndefined();
    expect(pressDialog(dialog, "", enter).decision).toEqual({ decision: "no", reason: "yes, later" });
  });

  test("is not given by other keys, by several letters at once, or with Ctrl and Alt", () => {
    for (const [input, pressed] of [
      ["x", key()],
      ["yes", key()],
      ["y", key({ ctrl: true })],
      ["y", key({ meta: true })],
    ] as const)
      expect(pressDialog(createDialog(command), input, pressed).decision).toBeUndefined();
  });

  test("shows the rule that asked with ?", () => {
    expect(pressDialog(createDialog(command), "?", key()).dialog.isRuleShown).toBe(true);
  });
});
