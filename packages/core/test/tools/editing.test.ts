import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { temporaryFolder } from "../workspace/temporary-folder.ts";
import { toolBench } from "./tool-bench.ts";

const textOf = (root: string, name: string): string => readFileSync(join(root, name), "utf8");

describe("apply_patch", () => {
  const files = { "src/a.ts": "one\ntwo\nthree\nfour\n", "b.txt": "x\r\ny\r\n", "old.txt": "gone\n" };

  test("changes, makes, moves and removes files in one step", async () => {
    const root = temporaryFolder(files);
    const patch = [
      "--- a/src/a.ts",
      "+++ b/src/a.ts",
      "@@ -1,3 +1,3 @@",
      " one",
      "-two",
      "+2",
      " three",
      "--- /dev/null",
      "+++ b/new/c.ts",
      "@@ -0,0 +1 @@",
      "+hello",
      "--- a/old.txt",
      "+++ /dev/null",
      "diff --git a/b.txt b/moved.txt",
      "similarity index 50%",
      "rename from b.txt",
      "rename to moved.txt",
      "index 1..2 100644",
      "--- a/b.txt",
      "+++ b/moved.txt",
      "@@ -1,2 +1,2 @@",
      " x",
      "-y",
      "+Y",
    ].join("\n");
    const answer = await (await toolBench(root))("apply_patch", { patch });
    expect(answer).toMatchObject({ status: "ok", summary: "4 files", preview: { kind: "changes" } });
    expect(answer.text).toContain("b.txt → moved.txt: 1 place");
    expect(textOf(root, "src/a.ts")).toBe("one\n2\nthree\nfour\n");
    expect(textOf(root, "new/c.ts")).toBe("hello\n");
    expect(textOf(root, "moved.txt")).toBe("x\r\nY\r\n");
    expect([existsSync(join(root, "old.txt")), existsSync(join(root, "b.txt"))]).toEqual([false, false]);
  });

  const update = (...lines: string[]): string => ["--- a/src/a.ts", "+++ b/src/a.ts", ...lines].join("\n");
  const same: [string, string][] = [
    ["in a fence", `\`\`\`diff\n${update("@@ -2 +2 @@", "-two", "+2")}\n\`\`\``],
    ["without numbers", update("@@", " one", "-two", "+2")],
    ["with wrong numbers and counts", update("@@ -40,7 +41,9 @@", " one", "-two", "+2", " three")],
    ["without a/ and b/", "--- src/a.ts\n+++ src/a.ts\n@@ -2 +2 @@\n-two\n+2"],
    ["with other white space", update("@@", " one  ", "-\ttwo", "+2")],
    [
      "with Git's own lines",
      `diff --git a/src/a.ts b/src/a.ts\nindex 1..2 100644\n${update("@@ -2 +2 @@", "-two", "+2")}\n`,
    ],
    ["as other tools write it", "*** Begin Patch\n*** Update File: src/a.ts\n@@\n one\n-two\n+2\n*** End Patch"],
  ];
  test.each(same)("is understood %s", async (_, patch) => {
    const root = temporaryFolder(files);
    const answer = await (await toolBench(root))("apply_patch", { patch });
    expect([answer.status, textOf(root, "src/a.ts")]).toEqual(["ok", "one\n2\nthree\nfour\n"]);
  });

  const wrong: [string, string, string][] = [
    ["whose lines are not there", update("@@", "-twenty", "+2"), "nearest lines"],
    ["for a file that is not there", "--- a/no.ts\n+++ b/no.ts\n@@\n-a\n+b", "no such file"],
    ["that leads outside", "--- /dev/null\n+++ b/../x.ts\n@@\n+b", "outside the workspace"],
    ["that adds without a place", update("@@", "+b"), "no lines of the file around"],
    ["that makes a file that exists", "--- /dev/null\n+++ b/b.txt\n@@\n+b", "exists already"],
    ["that names two files without moving", "--- a/src/a.ts\n+++ b/src/z.ts\n@@\n-two\n+2", "names two files"],
    ["that copies", "diff --git a/b.txt b/c.txt\ncopy from b.txt\ncopy to c.txt", "not supported"],
    ["of an empty file", "diff --git a/e b/e\nnew file mode 100644\nindex 0..1", "use write_file"],
    ["whose name is escaped", '--- /dev/null\n+++ "b/f\\303.txt"\n@@\n+b', "escaped characters"],
    [
      "that removes a file of which it knows a part",
      "--- a/src/a.ts\n+++ /dev/null\n@@ -1 +0,0 @@\n-one",
      "not all of its lines",
    ],
    ["that is none", "please change two to 2", "cannot be applied"],
    [
      "of which a part does not fit",
      `${update("@@", "-two", "+2")}\n--- a/old.txt\n+++ b/old.txt\n@@\n-nope\n+x`,
      "old.txt",
    ],
  ];
  test.each(wrong)("refuses a patch %s, and changes nothing", async (_, patch, why) => {
    const root = temporaryFolder(files);
    const answer = await (await toolBench(root))("apply_patch", { patch });
    expect(answer.status).toBe("not prepared");
    expect(answer.text).toContain(why);
    expect([textOf(root, "src/a.ts"), textOf(root, "old.txt")]).toEqual([files["src/a.ts"], "gone\n"]);
  });

  test("takes a folder that is named b for what it is", async () => {
    const root = temporaryFolder({ "b/x.txt": "1\n" });
    await (
      await toolBench(root)
    )("apply_patch", { patch: "--- b/x.txt\n+++ b/x.txt\n@@\n-1\n+2" });
    expect(textOf(root, "b/x.txt")).toBe("2\n");
  });

  test("leaves the line endings of other lines, and obeys what is said of the end of the file", async () => {
    const root = temporaryFolder({ "mixed.txt": "a\r\nb\r\nc\r\nd\ne\n", "end.txt": "a\nb" });
    const call = await toolBench(root);
    await call("apply_patch", { patch: "--- a/mixed.txt\n+++ b/mixed.txt\n@@\n-a\n+A" });
    expect(textOf(root, "mixed.txt")).toBe("A\r\nb\r\nc\r\nd\ne\n");
    const end = (...lines: string[]) => ({ patch: ["--- a/end.txt", "+++ b/end.txt", "@@", ...lines].join("\n") });
    await call("apply_patch", end("-b", "+c"));
    expect(textOf(root, "end.txt")).toBe("a\nc");
    await call("apply_patch", end("-c", "\\ No newline at end of file", "+d"));
    expect(textOf(root, "end.txt")).toBe("a\nd\n");
    await call("apply_patch", end("-d", "+e", "\\ No newline at end of file"));
    expect(textOf(root, "end.txt")).toBe("a\ne");
  });

  test("refuses lines that stand in several places, unless it names the right one", async () => {
    const root = temporaryFolder({ "src/a.ts": "{\n  x\n}\n{\n  x\n}\n" });
    const call = await toolBench(root);
    expect((await call("apply_patch", { patch: update("@@", "-  x", "+  y") })).text).toContain("2 times");
    await call("apply_patch", { patch: update("@@ -5 +5 @@", "-  x", "+  y") });
    expect(textOf(root, "src/a.ts")).toBe("{\n  x\n}\n{\n  y\n}\n");
  });
});

describe("replace_lines", () => {
  test("replaces and inserts in what was just read, in the file's own line endings", async () => {
    const root = temporaryFolder({ "a.txt": "1\r\n2\r\n3\r\n" });
    const call = await toolBench(root);
    await call("read_file", { path: "a.txt" });
    await call("replace_lines", { path: "a.txt", from_line: 2, to_line: 2, new_text: "two\nzwei\n" });
    expect(textOf(root, "a.txt")).toBe("1\r\ntwo\r\nzwei\r\n3\r\n");
    await call("read_file", { path: "a.txt" });
    await call("replace_lines", { path: "a.txt", from_line: 5, to_line: 4, new_text: "end" });
    expect(textOf(root, "a.txt")).toBe("1\r\ntwo\r\nzwei\r\n3\r\nend\r\n");
    await call("read_file", { path: "a.txt" });
    await call("replace_lines", { path: "a.txt", from_line: 1, to_line: 5, new_text: "" });
    expect(textOf(root, "a.txt")).toBe("");
  });

  test("refuses when the numbers were not seen, or an edit may have moved them", async () => {
    const root = temporaryFolder({ "a.txt": "1\n2\n3\n" });
    const call = await toolBench(root);
    const replace = { path: "a.txt", from_line: 2, to_line: 2, new_text: "x" };
    expect((await call("replace_lines", replace)).text).toContain("Read it again");
    await call("read_file", { path: "a.txt" });
    await call("edit_file", { path: "a.txt", old_text: "1", new_text: "0\n1" });
    expect((await call("replace_lines", replace)).text).toContain("Read it again");
    expect(textOf(root, "a.txt")).toBe("0\n1\n2\n3\n");
  });

  test.each([
    [5, 5],
    [3, 9],
    [3, 1],
  ])("refuses lines %i to %i of three", async (from, to) => {
    const root = temporaryFolder({ "a.txt": "1\n2\n3\n" });
    const call = await toolBench(root);
    await call("read_file", { path: "a.txt" });
    const answer = await call("replace_lines", { path: "a.txt", from_line: from, to_line: to, new_text: "x" });
    expect(answer.status).toBe("not prepared");
  });
});

test("an edit whose indentation differs gets that of the file, line by line, or is refused", async () => {
  const root = temporaryFolder({
    "h.py": "def f():\n\tx = 1\n\ty = 2\n\treturn x\n",
    "g.py": "if a:\n    b()\n    c()\n",
  });
  const call = await toolBench(root);
  const before = "def f():\n    x = 1\n    y = 2";
  const after = "def f():\n    x = 1\n    if x:\n        y = 3";
  await call("edit_file", { path: "h.py", old_text: before, new_text: after });
  expect(textOf(root, "h.py")).toBe("def f():\n\tx = 1\n\tif x:\n\t\ty = 3\n\treturn x\n");
  const flat = await call("edit_file", { path: "g.py", old_text: "if a:\n  b()\nc()", new_text: "if a:\n  b()\nd()" });
  expect(flat.text).toContain("indented otherwise");
});

test("multi_edit makes all of its edits, or none and says which failed", async () => {
  const root = temporaryFolder({ "a.txt": "one\ntwo\nthree\n" });
  const call = await toolBench(root);
  const edit = (old_text: string, new_text: string) => ({ old_text, new_text });
  const wrong = await call("multi_edit", { path: "a.txt", edits: [edit("one", "1"), edit("nine", "9")] });
  expect(wrong.text).toContain("edit 2: old_text does not occur");
  expect(textOf(root, "a.txt")).toBe("one\ntwo\nthree\n");
  await call("multi_edit", { path: "a.txt", edits: [edit("one", "1"), edit("1\ntwo", "1 2")] });
  expect(textOf(root, "a.txt")).toBe("1 2\nthree\n");
});

describe("move_file and delete_file", () => {
  test("move with bytes and permissions, and remove", async () => {
    const root = temporaryFolder({ "run.sh": "\uFEFF#!/bin/sh\r\n" });
    chmodSync(join(root, "run.sh"), 0o755);
    const call = await toolBench(root);
    await call("move_file", { from: "run.sh", to: "bin/run.sh" });
    expect(textOf(root, "bin/run.sh")).toBe("\uFEFF#!/bin/sh\r\n");
    expect(statSync(join(root, "bin/run.sh")).mode & 0o777).toBe(0o755);
    expect(existsSync(join(root, "run.sh"))).toBe(false);
    await call("delete_file", { path: "bin/run.sh" });
    expect(existsSync(join(root, "bin/run.sh"))).toBe(false);
  });

  test("replace nothing, and remove nothing that changed meanwhile", async () => {
    const root = temporaryFolder({ "a.txt": "a", "b.txt": "b" });
    const call = await toolBench(root);
    expect((await call("move_file", { from: "a.txt", to: "b.txt" })).text).toContain("exists already");
    const change = (): void => writeFileSync(join(root, "a.txt"), "mine");
    expect((await call("delete_file", { path: "a.txt" }, { between: change })).status).toBe("failed");
    expect(textOf(root, "a.txt")).toBe("mine");
  });
});

describe("for models that need it", () => {
  test("files are replaced only by edits of what was read", async () => {
    const root = temporaryFolder({ "a.txt": "one\n", "empty.txt": "" });
    const call = await toolBench(root, { guarded: true });
    expect((await call("write_file", { path: "a.txt", content: "x" })).text).toContain('read_file {"path": "a.txt"}');
    await call("read_file", { path: "a.txt" });
    expect((await call("write_file", { path: "a.txt", content: "x" })).text).toContain('edit_file {"path": "a.txt"');
    expect((await call("edit_file", { path: "a.txt", old_text: "one", new_text: "1" })).status).toBe("ok");
    expect((await call("write_file", { path: "new.txt", content: "x" })).status).toBe("ok");
  });

  test("a result shows what changed, with the new line numbers", async () => {
    const root = temporaryFolder({ "a.txt": "1\n2\n3\n4\n5\n6\n7\n" });
    const call = await toolBench(root, { changedLines: 5 });
    const answer = await call("edit_file", { path: "a.txt", old_text: "4", new_text: "four\nvier\n4" });
    expect(answer.text).toContain("a.txt now:\n   2\t2\n   3\t3\n   4\tfour\n   5\tvier\n   6\t4\n(");
  });
});
