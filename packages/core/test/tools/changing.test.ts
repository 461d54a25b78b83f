import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { locateEdit } from "../../src/tools/locate-edit.ts";
import { temporaryFolder } from "../workspace/temporary-folder.ts";
import { toolBench } from "./tool-bench.ts";

const textOf = (root: string, name: string): string => readFileSync(join(root, name), "utf8");

describe("write_file", () => {
  test("writes a new file with its folders, and shows it whole before", async () => {
    const root = temporaryFolder();
    const answer = await (await toolBench(root))("write_file", { path: "src/new.ts", content: "a\nb\n" });
    const preview = { kind: "diff", path: "src/new.ts", before: "", after: "a\nb\n", isNew: true };
    expect(answer).toMatchObject({ status: "ok", text: "wrote 2 lines to src/new.ts", preview });
    expect(textOf(root, "src/new.ts")).toBe("a\nb\n");
  });

  test("replaces a file, keeping line endings, byte order mark and permissions", async () => {
    const root = temporaryFolder({ "a.bat": "\uFEFFold\r\nold\r\n" });
    chmodSync(join(root, "a.bat"), 0o755);
    const answer = await (await toolBench(root))("write_file", { path: "a.bat", content: "new\nlines\n" });
    expect(answer.preview).toMatchObject({ before: "old\r\nold\r\n", after: "new\r\nlines\r\n", isNew: false });
    expect(textOf(root, "a.bat")).toBe("\uFEFFnew\r\nlines\r\n");
    expect(statSync(join(root, "a.bat")).mode & 0o777).toBe(0o755);
  });

  test.each([
    ["src", "is a directory"],
    ["new/", "is a directory"],
    [".git/hooks/pre-commit", "changed only by git itself"],
    ["../x", "outside the workspace"],
    ["logo.png", "binary"],
    ["latin.txt", "not UTF-8"],
  ])("refuses %s", async (path, why) => {
    const latin = Buffer.from("\u00E9", "latin1");
    const root = temporaryFolder({ "src/a": "", "logo.png": Buffer.from([0]), "latin.txt": latin, ".git/HEAD": "" });
    const answer = await (await toolBench(root))("write_file", { path, content: "x" });
    expect(answer.status).toBe("not prepared");
    expect(answer.text).toContain(why);
    expect(readFileSync(join(root, "latin.txt"))).toEqual(latin);
  });
});

describe("edit_file", () => {
  async function edit(before: string, oldText: string, newText: string) {
    const root = temporaryFolder({ "a.ts": before });
    const answer = await (await toolBench(root))("edit_file", { path: "a.ts", old_text: oldText, new_text: newText });
    return { ...answer, after: textOf(root, "a.ts") };
  }

  test("replaces the one exact place and shows the whole file before and after", async () => {
    const { text, preview, after } = await edit("a = 1;\nb = 1;\n", "b = 1;", "b = 2;");
    expect(after).toBe("a = 1;\nb = 2;\n");
    expect(text).toBe("replaced 1 occurrence in a.ts");
    expect(preview).toEqual({ kind: "diff", path: "a.ts", before: "a = 1;\nb = 1;\n", after, isNew: false });
  });

  test.each([
    ["Windows lines match plain ones", "a\r\nb\r\nc\r\n", "a\nb\n", "x\ny\nz\n", "x\r\ny\r\nz\r\nc\r\n"],
    ["other lines keep their own endings", "a\r\nb\nc\r\nd\r\n", "c", "x", "a\r\nb\nx\r\nd\r\n"],
    ["the byte order mark stays", "\uFEFFa\nb\n", "a", "x", "\uFEFFx\nb\n"],
    ["the line break at the end stays", "a\nb\n", "b\n", "x", "a\nx\n"],
    ["no line break appears at the end", "a\nb", "b", "x", "a\nx"],
    ["dollar signs are plain text", "a b", "b", "$& $1", "a $& $1"],
  ])("%s", async (_, ...[before, oldText, newText, expected]) => {
    expect(await edit(before, oldText, newText)).toMatchObject({ status: "ok", after: expected });
  });

  test.each([
    [
      "less indented",
      "f() {\n    if (x) {\n        y();\n    }\n}\n",
      "if (x) {\n    y();\n}",
      "if (z) {\n    w();\n}",
      "f() {\n    if (z) {\n        w();\n    }\n}\n",
    ],
    [
      "more indented",
      "{\n  a();\n  b();\n}\n",
      "      a();\n      b();",
      "      c();\n        d();\n    e();",
      "{\n  c();\n    d();\ne();\n}\n",
    ],
    ["tabs for spaces", "{\n\ta();\n\tb();\n}\n", "  a();\n  b();", "  c();\n  d();", "{\n\tc();\n\td();\n}\n"],
    ["white space at line ends", "a();  \nb();\n", "a();\nb();\n", "c();\n", "c();\n"],
    ["blank lines around", "x\n  a();\n", "\n\n a();\n\n", " b();\n", "x\n  b();\n"],
    ["removed lines leave no gap", "x\n    a();\ny\n", "\ta();\n", "", "x\ny\n"],
  ])(
    "finds text that differs in white space and indents the new text as the place is: %s",
    async (_, ...[before, oldText, newText, expected]) => {
      const answer = await edit(before, oldText, newText);
      expect(answer).toMatchObject({ status: "ok", after: expected });
      expect(answer.text).toContain("the indentation of the file was kept");
    },
  );

  test("says at which lines a text stands that stands more than once", async () => {
    expect(await edit("x\ny\nx\n", "x", "z")).toMatchObject({
      text: expect.stringContaining("occurs 2 times, at lines 1, 3"),
      after: "x\ny\nx\n",
    });
    expect((await edit("  x;\n  y;\n\tx;\n\ty;\n", "x;\ny;", "z")).text).toContain("occurs 2 times, at lines 1, 3");
  });

  test("shows the nearest lines when the text is not there", async () => {
    const { status, text } = await edit("one\nexport const timeout = 30;\ntwo\n", "const timeOut = 20;", "x");
    expect(status).toBe("not prepared");
    expect(text).toContain(
      "old_text does not occur in the file. The nearest lines are:\n   1\tone\n   2\texport const timeout = 30;",
    );
  });

  test.each([
    ["", "x", "old_text is empty"],
    ["a", "a", "nothing would change"],
    ["   \n", "x", "does not occur"],
  ])("refuses %j for %j", async (oldText, newText, why) => {
    expect((await edit("a\n", oldText, newText)).text).toContain(why);
  });

  test("refuses a missing file, one that is not UTF-8 and one that is too large", async () => {
    const root = temporaryFolder({ latin: Buffer.from("a \u00E9", "latin1"), large: "a".repeat(2000) });
    const call = await toolBench(root, { fileBytes: 1000 });
    const why = async (path: string) => (await call("edit_file", { path, old_text: "a", new_text: "b" })).text;
    expect(await why("none")).toContain("no such file: none");
    expect(await why("latin")).toContain("not UTF-8");
    expect(await why("large")).toContain("too large to change");
  });

  test("replaces exactly the place and nothing else, for any text and line endings", () => {
    const piece = fc.array(fc.constantFrom("a", "b", " ", "\n", "\u{1F600}")).map((parts) => parts.join(""));
    fc.assert(
      fc.property(piece, piece, piece, (before, after, newText) => {
        const oldText = "<the place>";
        const edit = locateEdit(before + oldText + after, oldText, newText);
        if (!edit.ok) throw edit.error;
        expect(edit.value).toMatchObject({
          start: before.length,
          end: before.length + oldText.length,
          replacement: newText,
        });
      }),
    );
  });
});

describe("a file that changes under the model's hands", () => {
  test.each([
    ["edit_file", { path: "a.ts", old_text: "one", new_text: "two" }],
    ["write_file", { path: "a.ts", content: "two" }],
  ])("%s is a conflict when it changed between preview and yes", async (name, args) => {
    const root = temporaryFolder({ "a.ts": "one" });
    const between = (): void => writeFileSync(join(root, "a.ts"), "one, by hand");
    const answer = await (await toolBench(root))(name, args, { between });
    expect(answer).toMatchObject({
      status: "failed",
      text: expect.stringContaining("changed in the meantime; nothing was written"),
    });
    expect(textOf(root, "a.ts")).toBe("one, by hand");
  });

  test("a new file is a conflict when someone else made it first", async () => {
    const root = temporaryFolder();
    const between = (): void => writeFileSync(join(root, "a.ts"), "theirs");
    const answer = await (await toolBench(root))("write_file", { path: "a.ts", content: "mine" }, { between });
    expect(answer.text).toContain("was created in the meantime");
    expect(textOf(root, "a.ts")).toBe("theirs");
  });

  test.each([
    ["edit_file", { path: "a.ts", old_text: "one", new_text: "two" }],
    ["write_file", { path: "a.ts", content: "two" }],
  ])("%s must read it again when it changed since it was read", async (name, args) => {
    const root = temporaryFolder({ "a.ts": "one\n" });
    const call = await toolBench(root);
    await call("read_file", { path: "a.ts", from_line: 1, to_line: 1 });
    writeFileSync(join(root, "a.ts"), "one\nmore\n");
    const stale = await call(name, args);
    expect(stale).toMatchObject({
      summary: "FILE_CONFLICT",
      text: expect.stringContaining('Read it again: read_file {"path": "a.ts"}'),
    });
    await call("read_file", { path: "./a.ts" });
    expect((await call(name, args)).status).toBe("ok");
  });

  test("its own changes are no conflict", async () => {
    const root = temporaryFolder({ "a.ts": "one\n" });
    const call = await toolBench(root);
    await call("read_file", { path: "a.ts" });
    await call("edit_file", { path: "a.ts", old_text: "one", new_text: "two" });
    expect((await call("edit_file", { path: "a.ts", old_text: "two", new_text: "three" })).status).toBe("ok");
    expect(execFileSync("cat", [join(root, "a.ts")], { encoding: "utf8" })).toBe("three\n");
  });
});
