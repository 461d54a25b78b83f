import { describe, expect, test } from "vitest";

import { ThinkingBudget } from "../../../src/models/llama/host/thinking-budget.ts";

const budget = { tokens: 3, open: "<think>", close: "</think>", opened: false };

function feed(thinking: ThinkingBudget, pieces: readonly string[]): (string | undefined)[] {
  return pieces.map((piece) => {
    thinking.observe(piece, 1);
    return thinking.closing();
  });
}

describe("the thinking budget", () => {
  test("closes the reasoning once its tokens are spent", () => {
    const asked = feed(new ThinkingBudget(budget), ["<think>", "one", "two", "three"]);
    expect(asked).toEqual([undefined, undefined, undefined, "</think>"]);
  });

  test("does nothing when the model closes by itself, even in pieces", () => {
    const asked = feed(new ThinkingBudget(budget), ["<thi", "nk>", "one", "</th", "ink>", "a", "b", "c", "d"]);
    expect(asked.every((text) => text === undefined)).toBe(true);
  });

  test("counts from the start when the prompt already opened the reasoning", () => {
    const asked = feed(new ThinkingBudget({ ...budget, opened: true }), ["one", "two", "three"]);
    expect(asked.at(-1)).toBe("</think>");
  });

  test("stays quiet in a reply without reasoning", () => {
    expect(feed(new ThinkingBudget(budget), ["a", "b", "c", "d", "e"]).every((text) => text === undefined)).toBe(true);
  });
});
