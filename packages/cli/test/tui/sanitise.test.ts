import { describe, expect, test } from "vitest";

import { reveal, sanitise, sanitiseDelta, sanitiseLine } from "../../src/tui/sanitise.ts";

describe("text on the screen", () => {
  test("has no escape sequences, and spaces for tabs, because a cell has one width", () => {
    expect(sanitise("\u001b[31m\ta\u001b[0m\n\tb")).toBe("    a\n    b");
  });

  test("is cleaned alike when it comes in pieces", () => {
    const first = sanitiseDelta("", "a\u001b[3");
    const second = sanitiseDelta(first.pending, "1m\tb");
    expect(first.text + second.text).toBe("a    b");
    expect(second.pending).toBe("");
  });

  test("fits on one line where it names something", () => {
    expect(sanitiseLine("  rm -rf x\n\u001b[2Jls ")).toBe("rm -rf x ls");
  });

  test("spells out what would be invisible where a person approves it", () => {
    expect(reveal("\tls \u001b[8m")).toBe("    ls ‹U+001B›[8m");
  });
});
