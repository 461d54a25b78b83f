import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { temporaryFolder } from "../workspace/temporary-folder.ts";
import { toolBench } from "./tool-bench.ts";

/** What could move the cursor of a terminal, or begin another line. */
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028\u2029]/;

/** A call of each tool that names one file; it looks for the text `old`. */
const callsOn = (path: string): [string, Record<string, unknown>][] => [
  ["read_file", { path }],
  ["write_file", { path, content: "new\n" }],
  ["edit_file", { path, old_text: "old", new_text: "new" }],
  ["multi_edit", { path, edits: [{ old_text: "old", new_text: "new" }] }],
  ["replace_lines", { path, from_line: 1, to_line: 1, new_text: "new" }],
  ["apply_patch", { patch: `--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-old\n+new\n` }],
  ["delete_file", { path }],
  ["move_file", { from: path, to: "elsewhere" }],
];

describe("links in a circle", () => {
  test("are no way to any tool, and end no listing or search", async () => {
    const root = temporaryFolder({ "src/a.txt": "old\n" });
    symlinkSync("circle", join(root, "circle"));
    symlinkSync("..", join(root, "src", "up"));
    symlinkSync(".", join(root, "src", "here"));
    const call = await toolBench(root);
    for (const [name, args] of [...callsOn("circle"), ...callsOn("circle/a.txt")])
      expect(await call(name, args), name).toMatchObject({
        status: "not prepared",
        text: expect.stringContaining("link"),
      });
    expect((await call("find_files", { pattern: "*.txt" })).text).toBe("src/a.txt");
    expect((await call("search_text", { pattern: "old" })).text).toBe("src/a.txt:1: old");
    expect((await call("list_directory", { path: "src/here/up/src" })).text).toBe("a.txt\nhere\nup");
  });
});

describe("a file whose place a folder takes between preview and yes", () => {
  test.each(callsOn("a.txt").filter(([name]) => name !== "read_file"))("is left as it is by %s", async (name, args) => {
    const root = temporaryFolder({ "a.txt": "old\n" });
    const call = await toolBench(root);
    await call("read_file", { path: "a.txt", from_line: 1, to_line: 1 });
    const between = (): void => {
      rmSync(join(root, "a.txt"));
      mkdirSync(join(root, "a.txt"));
      writeFileSync(join(root, "a.txt", "mine"), "mine");
    };
    const answer = await call(name, args, { between });
    expect(answer).toMatchObject({ status: "failed", text: expect.stringMatching(/^error: .*a\.txt.*\. [A-Z]/) });
    expect(readdirSync(root, { recursive: true }).map(String).toSorted()).toEqual(["a.txt", "a.txt/mine"]);
  });
});

test("names that differ only in case are other files where the disk says so", async () => {
  const root = temporaryFolder({ "Read.me": "old\n" });
  const call = await toolBench(root);
  const isOneFile =
    readdirSync(root).length === 1 &&
    execFileSync("sh", ["-c", "test -e read.me && echo one || echo two"], { cwd: root, encoding: "utf8" }) === "one\n";
  const answer = await call("write_file", { path: "read.me", content: "new\n" });
  expect(answer.status).toBe("ok");
  expect(readdirSync(root).toSorted()).toEqual(isOneFile ? ["Read.me"] : ["Read.me", "read.me"]);
  expect(readFileSync(join(root, "Read.me"), "utf8")).toBe(isOneFile ? "new\n" : "old\n");
});

test("names with line ends and control characters are one line each, without the controls, and can be changed", async () => {
  const odd = ["a\nb.txt: 1 fake", "\u001B[2Jclear.txt", "bell\u0007\u009B1m.txt", "two\u2028lines.txt", "\rback.txt"];
  const root = temporaryFolder(Object.fromEntries(odd.map((name) => [name, "old\n"])));
  const call = await toolBench(root);
  for (const [name, args] of [
    ["list_directory", {}],
    ["find_files", { pattern: "*" }],
    ["search_text", { pattern: "old" }],
  ] as const) {
    const { text } = await call(name, args);
    expect(text.split("\n"), name).toHaveLength(odd.length);
    expect(text, name).not.toMatch(controls);
  }
  for (const path of odd) {
    const answer = await call("edit_file", { path, old_text: "old", new_text: "new" });
    expect(answer.status, path).toBe("ok");
    expect(answer.text).not.toMatch(controls);
    expect(answer.text.split("\n")).toHaveLength(1);
    expect(readFileSync(join(root, path), "utf8")).toBe("new\n");
  }
});

describe("what is very large", () => {
  test.each([
    ["nothing but zeros", ""],
    ["text at its start", "old\n".repeat(10_000)],
  ])("2 GB of %s is read in part or refused, without taking memory", async (_, start) => {
    const root = temporaryFolder({ big: start });
    truncateSync(join(root, "big"), 2 * 2 ** 30);
    const call = await toolBench(root);
    const before = process.memoryUsage().rss;
    const statuses: Record<string, string> = {};
    for (const [name, args] of [...callsOn("big"), ["search_text", { pattern: "old", path: "big" }] as const]) {
      const answer = await call(name, args);
      statuses[name] = answer.status;
      expect(answer.text.length, name).toBeLessThan(70_000);
      if (name === "read_file" && answer.status === "ok")
        expect(answer.text).toMatch(/\n\.\.\. more lines\. To read on: /);
      if (answer.status !== "ok") expect(answer.text, name).toMatch(/too large|binary/);
    }
    expect(
      Object.entries(statuses)
        .filter(([, status]) => status === "ok")
        .map(([name]) => name),
    ).toEqual(start === "" ? [] : ["read_file", "search_text"]);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
    rmSync(join(root, "big"));
  });

  test("one line of 50 MB is shown in part, found, and not changed", async () => {
    const root = temporaryFolder({ "line.js": `${"x".repeat(25_000_000)}old${"y".repeat(25_000_000)}` });
    const call = await toolBench(root);
    expect((await call("read_file", { path: "line.js" })).text).toMatch(/^x+ \[line cut\]$/);
    expect((await call("search_text", { pattern: "old" })).text).toMatch(/^line\.js:1: x+.{0,20}\[line cut\]/);
    expect((await call("edit_file", { path: "line.js", old_text: "old", new_text: "new" })).text).toContain(
      "too large to change",
    );
  });

  test("a folder of 20,000 files is listed in part, and can be written to", async () => {
    const root = temporaryFolder();
    for (let index = 0; index < 20_000; index++) writeFileSync(join(root, `f${index}`), "");
    const call = await toolBench(root);
    const { text, summary } = await call("list_directory", {});
    expect(summary).toBe("20000 entries");
    expect(text.split("\n").at(-1)).toMatch(/^\.\.\. 19600 more entries\. To see some of them: find_files/);
    expect((await call("write_file", { path: "new.txt", content: "x" })).status).toBe("ok");
  });

  test.each([
    ["a name", "n".repeat(300)],
    ["a path", `${"deep/".repeat(1000)}a.txt`],
  ])("%s that the system does not take is refused", async (_, path) => {
    const root = temporaryFolder();
    const call = await toolBench(root);
    const answer = await call("write_file", { path, content: "x" });
    expect(answer).toMatchObject({
      text: expect.stringMatching(/name is too long; nothing was changed Use a shorter name/),
    });
    expect(answer.text.length).toBeLessThan(1000);
    expect(readdirSync(root)).toEqual([]);
  });

  test("a path of 300 folders is made, read, searched and removed", async () => {
    const path = `${"deep/".repeat(300)}a.txt`;
    const root = temporaryFolder();
    const call = await toolBench(root);
    expect((await call("write_file", { path, content: "old\n" })).status).toBe("ok");
    expect((await call("edit_file", { path, old_text: "old", new_text: "new" })).status).toBe("ok");
    expect((await call("read_file", { path })).text).toBe("new");
    expect((await call("search_text", { pattern: "new" })).summary).toBe("1 match");
    expect((await call("delete_file", { path })).status).toBe("ok");
  });
});

describe("text that is not UTF-8", () => {
  const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, "utf16le");

  test.each([
    ["little", (bytes: Buffer) => bytes],
    ["big", (bytes: Buffer) => Buffer.from(bytes).swap16()],
  ])("but UTF-16 is read (%s end first), and changed only when it was converted", async (_, order) => {
    const bytes = order(utf16(`old ä\u{1F600}\r\n${"line\r\n".repeat(20_000)}`));
    const root = temporaryFolder({ "a.txt": bytes });
    const call = await toolBench(root);
    expect((await call("read_file", { path: "a.txt", from_line: 1, to_line: 2 })).text).toBe(
      "   1\told ä\u{1F600}\n   2\tline",
    );
    for (const [name, args] of callsOn("a.txt").filter(([one]) => one !== "read_file")) {
      const answer = await call(name, args);
      expect(answer.text, name).toMatch(/a\.txt is UTF-16 text.*iconv/);
    }
    expect(readFileSync(join(root, "a.txt")).equals(bytes)).toBe(true);
  });

  test("is not changed by any tool", async () => {
    const bytes = Buffer.from("old \u00E9\n", "latin1");
    const root = temporaryFolder({ "a.txt": bytes });
    const call = await toolBench(root);
    for (const [name, args] of callsOn("a.txt").filter(([one]) => one !== "read_file")) {
      const answer = await call(name, args);
      expect(answer, name).toMatchObject({ status: "not prepared", text: expect.stringMatching(/not UTF-8.*iconv/) });
    }
    expect(readFileSync(join(root, "a.txt")).equals(bytes)).toBe(true);
  });
});

test.skipIf(process.platform === "win32")("pipes, sockets and devices are refused at once", async () => {
  const root = temporaryFolder({ "a.txt": "old\n" });
  execFileSync("mkfifo", [join(root, "pipe")]);
  const server = createServer().listen(join(root, "socket"));
  await new Promise((resolve) => server.once("listening", resolve));
  const call = await toolBench(root);
  for (const path of ["pipe", "socket"])
    for (const [name, args] of callsOn(path))
      expect(await call(name, args), name).toMatchObject({
        status: "not prepared",
        text: expect.stringContaining("neither a file nor a directory"),
      });
  expect((await call("search_text", { pattern: "old" })).text).toBe("a.txt:1: old");
  expect((await call("read_file", { path: "/dev/zero" })).summary).toBe("PATH_OUTSIDE");
  server.close();
});
