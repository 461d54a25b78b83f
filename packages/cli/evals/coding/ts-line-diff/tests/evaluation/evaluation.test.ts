import assert from "node:assert/strict";
import { test } from "node:test";

import { applyChanges, diffLines } from "../src/diff.ts";
import { formatDiff } from "../src/format.ts";
import { summarise } from "../src/summary.ts";

const letters = (text: string): string[] => [...text];
const marks = { same: " ", removed: "-", added: "+" } as const;
const shown = (a: string, b: string): string =>
  diffLines(letters(a), letters(b)).map(({ kind, line }) => marks[kind] + line).join("");

test("changes lead from one to the other, and are the fewest", () => {
  for (const [a, b, fewest] of [["abcabba", "cbabac", 5], ["", "abc", 3], ["abc", "", 3], ["kitten", "sitting", 5], ["aaaa", "aa", 2], ["abc", "abc", 0]] as const) {
    const changes = diffLines(letters(a), letters(b));
    assert.deepEqual(applyChanges(changes).join(""), b);
    assert.deepEqual(changes.filter(({ kind }) => kind !== "added").map(({ line }) => line).join(""), a);
    assert.equal(changes.filter(({ kind }) => kind !== "same").length, fewest, `${a} to ${b}`);
  }
});

test("what is removed comes before what is added", () => {
  assert.equal(shown("axyb", "a12b"), " a-x-y+1+2 b");
  assert.equal(shown("x", "y"), "-x+y");
});

test("hunks have context and headers", () => {
  const before = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
  const after = before.with(9, "changed");
  assert.equal(formatDiff(before, after, 1), "@@ -9,3 +9,3 @@\n line 9\n-line 10\n+changed\n line 11\n");
  assert.equal(formatDiff(before, after, 0), "@@ -10 +10 @@\n-line 10\n+changed\n");
  assert.equal(formatDiff(before, before), "");
});

test("near changes are one hunk, far ones two", () => {
  const before = Array.from({ length: 12 }, (_, index) => `l${index + 1}`);
  const far = before.with(1, "x").with(8, "y");
  assert.deepEqual(formatDiff(before, far, 2).match(/^@@.*$/gm), ["@@ -1,4 +1,4 @@", "@@ -7,5 +7,5 @@"]);
  const touching = before.with(1, "x").with(6, "y");
  assert.deepEqual(formatDiff(before, touching, 2).match(/^@@.*$/gm), ["@@ -1,9 +1,9 @@"]);
});

test("an empty side has the line before it", () => {
  assert.equal(formatDiff([], ["a", "b"]), "@@ -0,0 +1,2 @@\n+a\n+b\n");
  assert.equal(formatDiff(["a", "b"], []), "@@ -1,2 +0,0 @@\n-a\n-b\n");
  assert.equal(formatDiff(["a", "b"], ["a", "n", "b"], 0), "@@ -1,0 +2 @@\n+n\n");
  assert.equal(formatDiff(["a", "b", "c"], ["a", "c"], 0), "@@ -2 +1,0 @@\n-b\n");
});

test("summaries", () => {
  assert.equal(summarise(["a", "b"], ["a", "c", "d"]), "2 added, 1 removed");
});
