import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { temporaryFolder } from "../workspace/temporary-folder.ts";
import { toolBench } from "./tool-bench.ts";

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join("");

describe("read_file", () => {
  test("gives the plain text of a file that fits", async () => {
    const call = await toolBench(temporaryFolder({ "a.ts": "one\r\ntwo\r\n" }));
    expect(await call("read_file", { path: "a.ts" })).toMatchObject({
      status: "ok",
      text: "one\ntwo",
      summary: "2 lines",
    });
  });

  test("numbers the lines of a range", async () => {
    const call = await toolBench(temporaryFolder({ "a.ts": lines(200) }));
    const { text } = await call("read_file", { path: "a.ts", from_line: 9, to_line: 10 });
    expect(text).toBe("   9\tline 9\n  10\tline 10");
    expect((await call("read_file", { path: "a.ts", from_line: 200 })).text).toBe(" 200\tline 200");
  });

  test("says how to read on, and the call that it names goes on where it stopped", async () => {
    const call = await toolBench(temporaryFolder({ "a b.ts": lines(100) }), { resultLines: 40 });
    const { text } = await call("read_file", { path: "a b.ts" });
    expect(text).toContain("  40\tline 40\n");
    expect(text.split("\n").at(-1)).toBe(
      '... 60 more lines. To read on: read_file {"path": "a b.ts", "from_line": 41}',
    );
    const next = await call("read_file", { path: "a b.ts", from_line: 41, to_line: 90 });
    expect(next.text).toMatch(/^ {2}41\tline 41\n/);
    expect(next.text).toContain('read_file {"path": "a b.ts", "from_line": 81}');
  });

  test.each([
    [{ path: "none.ts" }, 'error: no such file: none.ts. To look for it: find_files {"pattern": "none.ts"}'],
    [{ path: "src" }, "src is a directory"],
    [{ path: "a.ts", from_line: 7 }, "has only 2 lines"],
    [{ path: "a.ts", from_line: 2, to_line: 1 }, "to_line 1 is before"],
    [{ path: "logo.png" }, "binary file"],
    [{ path: "../x" }, "outside the workspace"],
  ])("explains why it cannot read %j", async (input, why) => {
    const root = temporaryFolder({ "a.ts": "1\n2\n", "src/b": "", "logo.png": Buffer.from([137, 80, 0, 0]) });
    const answer = await (await toolBench(root))("read_file", input);
    expect(answer.status).not.toBe("ok");
    expect(answer.text).toContain(why);
  });

  test("reads an empty file and one that is not UTF-8", async () => {
    const call = await toolBench(temporaryFolder({ empty: "", latin: Buffer.from("\u00E9t\u00E9", "latin1") }));
    expect((await call("read_file", { path: "empty" })).text).toBe("the file is empty");
    expect((await call("read_file", { path: "latin" })).text).toBe("\uFFFDt\uFFFD");
  });
});

describe("list_directory", () => {
  test("lists one entry a line, folders with a slash, git's own folder not", async () => {
    const root = temporaryFolder({ "src/a.ts": "", "README.md": "", ".env": "", ".git/HEAD": "", "two\nlines": "" });
    const { text, summary } = await (await toolBench(root))("list_directory", {});
    expect(text).toBe(".env\nREADME.md\nsrc/\ntwo?lines");
    expect(summary).toBe("4 entries");
  });

  test("counts what it leaves out", async () => {
    const root = temporaryFolder(Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`d/f${index}`, ""])));
    const { text } = await (await toolBench(root, { resultLines: 2 }))("list_directory", { path: "d" });
    expect(text).toBe('f0\nf1\n... 7 more entries. To see some of them: find_files {"pattern": "d/a*"}');
  });

  test("explains empty, missing and wrong places", async () => {
    const root = temporaryFolder({ "a.ts": "" });
    mkdirSync(join(root, "empty"));
    const call = await toolBench(root);
    expect((await call("list_directory", { path: "empty" })).text).toBe("the directory is empty");
    expect((await call("list_directory", { path: "none" })).text).toContain("no such directory: none");
    expect((await call("list_directory", { path: "a.ts" })).text).toContain("is a file");
  });
});

describe("find_files", () => {
  const files = {
    "package.json": "",
    "packages/core/package.json": "",
    "src/parser.ts": "",
    "src/deep/html-Parser.tsx": "",
    ".github/ci.yml": "",
    ".gitignore": "dist/\n*.log\n",
    "dist/parser.js": "",
    "debug.log": "",
    ".git/parser": "",
    "app/[id]/page.tsx": "",
    "app/(shop)/cart.tsx": "",
  };
  test.each([
    ["package.json", ["package.json", "packages/core/package.json"]],
    ["./package.json", ["package.json", "packages/core/package.json"]],
    ["*.ts", ["src/parser.ts"]],
    ["**/*.{ts,tsx}", ["app/(shop)/cart.tsx", "app/[id]/page.tsx", "src/deep/html-Parser.tsx", "src/parser.ts"]],
    ["parser", ["src/deep/html-Parser.tsx", "src/parser.ts"]],
    ["core/package.json", ["packages/core/package.json"]],
    ["src/", ["src/deep/html-Parser.tsx", "src/parser.ts"]],
    ["ci.yml", [".github/ci.yml"]],
    ["*.log", []],
    ["dist/**", []],
    ["!parser.ts", []],
    ["app/(shop)/*.tsx", ["app/(shop)/cart.tsx"]],
    ["../*", []],
    ["-x", []],
  ])("%s", async (pattern, expected) => {
    const { text, status } = await (await toolBench(temporaryFolder(files)))("find_files", { pattern });
    expect(status).toBe("ok");
    expect(text).toBe(
      expected.length > 0 ? expected.join("\n") : "no files found (files that .gitignore names are not searched)",
    );
  });

  test("counts what it leaves out", async () => {
    const root = temporaryFolder(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}.ts`, ""])));
    const { text, summary } = await (await toolBench(root, { resultLines: 2 }))("find_files", { pattern: "*.ts" });
    expect(text).toBe("f0.ts\nf1.ts\n... 28 more files. Use a longer pattern to see fewer");
    expect(summary).toBe("30 files");
  });

  test.skipIf(process.platform !== "linux")("copes with names that are not UTF-8", async () => {
    const root = temporaryFolder();
    writeFileSync(Buffer.concat([Buffer.from(`${root}/bad`), Buffer.from([0xff]), Buffer.from(".ts")]), "needle\n");
    const call = await toolBench(root);
    expect((await call("find_files", { pattern: "*.ts" })).text).toBe("bad\uFFFD.ts");
    expect((await call("search_text", { pattern: "needle" })).text).toBe("bad\uFFFD.ts:1: needle");
  });

  test("does not follow links out of the workspace", async () => {
    const outside = temporaryFolder({ "secret.ts": "needle" });
    const root = temporaryFolder({});
    symlinkSync(outside, join(root, "link"));
    const call = await toolBench(root);
    expect((await call("find_files", { pattern: "*.ts" })).text).toContain("no files found");
    expect((await call("search_text", { pattern: "needle" })).text).toBe("no matches found");
  });
});

describe("search_text", () => {
  test("gives hits as path:line: text, in the order of paths, without ignored files", async () => {
    const root = temporaryFolder({
      "b.ts": "const port = 1;\r\n  // Port\r\n",
      "a.ts": "\nport\n",
      ".gitignore": "out\n",
      "out/c.ts": "port",
      "src/-odd.ts": "port",
    });
    const call = await toolBench(root);
    const { text, summary } = await call("search_text", { pattern: "port" });
    expect(text).toBe("a.ts:2: port\nb.ts:1: const port = 1;\nb.ts:2: // Port\nsrc/-odd.ts:1: port");
    expect(summary).toBe("4 matches");
    expect((await call("search_text", { pattern: "Port$" })).text).toBe("b.ts:2: // Port");
    expect((await call("search_text", { pattern: "port", path: "src" })).text).toBe("src/-odd.ts:1: port");
    expect((await call("search_text", { pattern: "port", path: "a.ts" })).text).toBe("a.ts:2: port");
    expect((await call("search_text", { pattern: "port", path: "none" })).text).toContain("no such file: none");
  });

  test("searches for the text itself when the pattern is no regular expression, and says so", async () => {
    const call = await toolBench(temporaryFolder({ "a.ts": "call(x\nget('y')\n" }));
    const { text } = await call("search_text", { pattern: "call(" });
    expect(text).toBe("a.ts:1: call(x\n(the pattern is not a regular expression, so it was searched as plain text)");
    expect((await call("search_text", { pattern: "get('y')" })).text).toMatch(/^a.ts:2: get\('y'\)\n\(nothing matches/);
    expect((await call("search_text", { pattern: "nothing(" })).text).toMatch(
      /^no matches found\n\(the pattern is not/,
    );
  });

  test.each(["-foo", "--files", "--pre=touch pwned"])("takes %s as a pattern, never as an option", async (pattern) => {
    const root = temporaryFolder({ "a.txt": `x ${pattern} y\n` });
    expect((await (await toolBench(root))("search_text", { pattern })).text).toBe(`a.txt:1: x ${pattern} y`);
    expect(execFileSync("ls", [root], { encoding: "utf8" })).toBe("a.txt\n");
  });

  test("says why a pattern with a line break cannot be searched", async () => {
    const { status, text } = await (await toolBench(temporaryFolder({ a: "x" })))("search_text", { pattern: "a\nb" });
    expect(status).toBe("failed");
    expect(text).toContain("error: the pattern cannot be searched:");
  });

  test("counts 10,000 matches and shows the first", async () => {
    const root = temporaryFolder({ "a.txt": "hit\n".repeat(10_000) });
    const { text, summary } = await (await toolBench(root, { resultLines: 3 }))("search_text", { pattern: "hit" });
    expect(text.split("\n")).toHaveLength(4);
    expect(text).toContain("... 9997 more matches.");
    expect(summary).toBe("10000 matches");
  });

  test("stops counting when there are far too many, and cuts very long lines", async () => {
    const root = temporaryFolder({ "a.txt": "hit\n".repeat(300_000), "long.txt": `needle${"x".repeat(5_000_000)}` });
    const call = await toolBench(root);
    expect((await call("search_text", { pattern: "hit" })).summary).toBe("at least 100000 matches");
    const { text } = await call("search_text", { pattern: "needle" });
    expect(text).toMatch(/^long.txt:1: needlex+ \[line cut\]$/);
    expect(text.length).toBeLessThan(600);
  });

  test("ends when it is interrupted", async () => {
    const call = await toolBench(temporaryFolder({ a: "x" }));
    const answer = await call("search_text", { pattern: "x" }, { signal: AbortSignal.abort() });
    expect(answer).toMatchObject({ status: "failed", text: "error: interrupted by the person" });
  });
});
