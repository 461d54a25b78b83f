import { expect, test } from "vitest";

import { nothingWritten, writeOn, writtenLines } from "../../src/tui/state/written.ts";

const write = (...deltas: string[]) => deltas.reduce(writeOn, nothingWritten);

test("a long call shows the last lines of its text as they come, whatever the pieces", () => {
  const json = JSON.stringify({ path: "a.ts", content: 'one\n\ttwo "2"\nthree\\n\nfour\nfive\nsix\nseven' });
  const whole = write(json.slice(0, -2));
  expect(whole.lines).toBe(6);
  expect(writtenLines(whole)).toEqual(['  two "2"', "three\\n", "four", "five", "six", "seven"]);
  expect(writtenLines(write(...json.slice(0, -2).split("")))).toEqual(writtenLines(whole));
});

test("a short call shows nothing but its name", () => {
  expect(writtenLines(write('{"path":"a.ts"}'))).toEqual([]);
});

test("control characters do not reach the terminal", () => {
  expect(writtenLines(write('{"content":"a\\nb\\n\\u001b[31mred')).join()).not.toContain("\u001b");
});
