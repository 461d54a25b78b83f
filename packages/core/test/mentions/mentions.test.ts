import fc from "fast-check";
import { expect, test } from "vitest";

import {
  completeMention,
  expandMentions,
  type MentionSources,
  matchingFiles,
  parseMentions,
} from "../../src/mentions/index.ts";
import { temporaryWorkspace } from "../../src/testing/index.ts";

const raws = (text: string): string[] => parseMentions(text).map(({ raw }) => raw);

test("a mention begins a word, and a sentence's end does not belong to it", () => {
  expect(raws("look at @src/a.ts, @lib/ and (@b.py).")).toEqual(["@src/a.ts", "@lib/", "@b.py"]);
  expect(raws("mail me@here.org; @")).toEqual([]);
  expect(raws('@"my file.txt"! why?')).toEqual(['@"my file.txt"']);
  expect(raws("@src/**/*.{ts,tsx} @a[1].txt")).toEqual(["@src/**/*.{ts,tsx}", "@a[1].txt"]);
});

test("lines, keywords and what is named twice", () => {
  expect(parseMentions("@a.ts:3-5 @a.ts#L7 @diff @a.ts:3-5")).toEqual([
    { kind: "place", raw: "@a.ts:3-5", place: "a.ts", lines: { from: 3, to: 5 } },
    { kind: "place", raw: "@a.ts#L7", place: "a.ts", lines: { from: 7, to: 7 } },
    { kind: "keyword", raw: "@diff", keyword: "diff" },
  ]);
});

test("whatever is written, each mention stands in the text", () => {
  const word = fc.constantFrom("@", "@a", "@a.ts:1-", " ", ".", ")", "(", '@"x y"', "@{b}", "\n", "@diff", "é@c");
  fc.assert(
    fc.property(
      fc.array(word).map((parts) => parts.join("")),
      (text) => {
        for (const raw of raws(text)) expect(text).toContain(raw);
      },
    ),
  );
});

const files: Record<string, string> = { "a.ts": "one\n", "lib/b.ts": "two\n", "lib/c.ts": "three\n".repeat(100) };
const sources: MentionSources = {
  kindOf: (path) =>
    Promise.resolve(path in files ? "file" : path.startsWith("lib") && !path.includes("*") ? "directory" : "missing"),
  read: (path, lines) =>
    Promise.resolve(path in files ? { text: `${lines?.from ?? ""}${files[path]}` } : { why: "no such file" }),
  files: (pattern) =>
    Promise.resolve(Object.keys(files).filter((path) => path.startsWith(pattern.split("*")[0] ?? ""))),
  places: (symbol) => Promise.resolve(symbol === "put" ? [{ path: "a.ts", lines: { from: 4, to: 9 } }] : []),
  keyword: (name) => Promise.resolve(name === "diff" ? { text: "+x" } : { why: "nothing was run" }),
};

test("files, folders, patterns, symbols and keywords become text that goes along", async () => {
  const { attached, notes } = await expandMentions("@a.ts @put @diff @terminal", sources, 10_000);
  expect(attached).toEqual([
    { source: "a.ts", text: "one\n" },
    { source: "a.ts, lines 4 to 9", text: "4one\n" },
    { source: "what differs from the last commit", text: "+x" },
  ]);
  expect(notes).toEqual([
    { raw: "@a.ts", characters: 4 },
    { raw: "@put", characters: 5 },
    { raw: "@diff", characters: 2 },
    { raw: "@terminal", characters: 0, note: "nothing was run" },
  ]);
});

test("what does not fit is cut at a line, and files of a folder are named instead", async () => {
  const cut = await expandMentions("@lib/c.ts", sources, 300);
  expect(cut.attached[0]?.text).toMatch(/^(three\n)+\(the last \d+ lines are left out: there is no room for them\)$/);
  const folder = await expandMentions("@lib", sources, 300);
  expect(folder.attached).toEqual([
    { source: "lib/b.ts", text: "two\n" },
    { source: "lib/**, only named", text: "lib/c.ts" },
  ]);
  expect(folder.notes).toMatchObject([{ note: "1 of 2 files only named" }]);
});

test("nothing is more than the room, and what is left out is said", async () => {
  const room = 500;
  const { attached, notes } = await expandMentions("@lib/c.ts @a.ts @lib", sources, room);
  expect(attached.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(room + 80);
  expect(notes[0]?.note).toMatch(/left out/);
});

test("an unknown name is sent as it stands, and said so", async () => {
  const { attached, notes } = await expandMentions("@types/node and @Override", sources, 1000);
  expect(attached).toEqual([]);
  expect(notes.map(({ note }) => note)).toEqual(Array(2).fill("no such file, folder or symbol: sent as it stands"));
});

test("a pattern means the files of the code, the least deep first", async () => {
  await using workspace = await temporaryWorkspace({
    "src/deep/b.ts": "",
    "src/a.ts": "",
    "src/a.md": "",
    "node_modules/x/a.ts": "",
    ".env": "KEY=1",
  });
  const { signal } = new AbortController();
  expect(await matchingFiles(workspace.path, "src/**/*.ts", signal)).toEqual(["src/a.ts", "src/deep/b.ts"]);
  expect(await matchingFiles(workspace.path, "**", signal)).toEqual(["src/a.md", "src/a.ts", "src/deep/b.ts"]);
});

test("completion offers names that begin so first, then names that hold it, folders and keywords", async () => {
  await using workspace = await temporaryWorkspace({
    "src/diff.ts": "",
    "lib/src.ts": "",
    "src/a/b.ts": "",
    "x.ts": "",
  });
  const { signal } = new AbortController();
  const complete = (prefix: string): Promise<string[]> => completeMention(workspace.path, prefix, signal);
  expect(await complete("src")).toEqual(["src/", "src/a/", "src/a/b.ts", "src/diff.ts", "lib/src.ts"]);
  expect(await complete("DIFF")).toEqual(["diff", "src/diff.ts"]);
  expect(await complete("zebra")).toEqual([]);
  expect(await complete("")).toEqual(["lib/", "src/", "x.ts", "src/a/", "lib/src.ts", "src/a/b.ts"]);
});
