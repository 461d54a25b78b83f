import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  createWriteStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";

import {
  encodeText,
  LineSplitter,
  openWorkspace,
  readTextFile,
  type ResolvedPath,
  scanLines,
  writeFileAtomically,
} from "../../src/workspace/index.ts";
import { temporaryFolder, withoutRootRights } from "./temporary-folder.ts";

const never = new AbortController().signal;
const everything = { wholeBytes: Infinity, from: 1, to: Infinity, maxLines: 1000, maxBytes: 100_000, maxColumns: 1000 };

async function target(root: string, path: string): Promise<ResolvedPath> {
  const result = await (await openWorkspace(root)).resolve(path, "write");
  if (!result.ok) throw result.error;
  return result.value;
}

describe("reading a text file", () => {
  test("tells its line ending, byte order mark and end", async () => {
    const root = temporaryFolder({ windows: "\uFEFFa\r\nb\r\n", unix: "a\nb", empty: "" });
    const read = async (name: string) => readTextFile(await target(root, name), { maxBytes: 100 });
    const windows = { text: "a\r\nb\r\n", lineEnding: "\r\n", bom: true, endsWithNewline: true, size: 9 };
    expect(await read("windows")).toMatchObject({ value: windows });
    expect(await read("unix")).toMatchObject({ value: { lineEnding: "\n", bom: false, endsWithNewline: false } });
    expect(await read("empty")).toMatchObject({ value: { text: "", isLossless: true } });
  });

  test("shows text that is not UTF-8 but marks it as lossy", async () => {
    const root = temporaryFolder({ latin: Buffer.from("caf\u00E9\n", "latin1") });
    const file = await readTextFile(await target(root, "latin"), { maxBytes: 100 });
    expect(file).toMatchObject({ value: { text: "caf\uFFFD\n", isLossless: false } });
  });

  test("refuses binary files, folders, missing files and too large ones", async () => {
    const root = temporaryFolder({ binary: Buffer.from([1, 0, 2]), large: "x".repeat(101), "dir/a": "" });
    const messageFor = async (name: string) => {
      const file = await readTextFile(await target(root, name), { maxBytes: 100 });
      return file.ok ? "" : file.error.message;
    };
    expect(await messageFor("binary")).toContain("binary file of 3 bytes");
    expect(await messageFor("dir")).toContain("is a directory");
    expect(await messageFor("none")).toBe("no such file: none");
    expect(await messageFor("large")).toContain("too large");
  });

  test.each([
    ["\n", "a\nb\n"],
    ["\uFEFF", "\uFEFF"],
  ])("gives back the same bytes (%j)", async (_, text) => {
    const root = temporaryFolder({ a: text });
    const file = await readTextFile(await target(root, "a"), { maxBytes: 100 });
    if (!file.ok) throw file.error;
    expect(encodeText(file.value.text, file.value.bom)).toEqual(Buffer.from(text));
  });
});

describe("reading a range of lines", () => {
  test("numbers lines as an editor does, whatever the endings", async () => {
    const root = temporaryFolder({ a: "\uFEFFone\r\ntwo\n\nfour" });
    const scanned = await scanLines(await target(root, "a"), { ...everything, from: 1, to: 4 }, never);
    expect(scanned).toMatchObject({ value: { lines: ["one", "two", "", "four"], total: 4 } });
    const middle = await scanLines(await target(root, "a"), { ...everything, from: 2, to: 2 }, never);
    expect(middle).toMatchObject({ value: { lines: ["two"], total: 4 } });
  });

  test("agrees with reading the whole file, for any text and range", async () => {
    const root = temporaryFolder({ a: "" });
    const text = fc
      .array(fc.oneof(fc.string(), fc.constantFrom("\n", "\r\n", "\u00E9", "\u{1F600}")))
      .map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        async (content, from, to) => {
          const clean = content.replaceAll("\0", "").replace(/^\uFEFF+/, "");
          writeFileSync(join(root, "a"), clean);
          const file = await target(root, "a");
          const scanned = await scanLines(file, { ...everything, from, to }, never);
          const whole = await readTextFile(file, { maxBytes: 1_000_000 });
          if (!scanned.ok || !whole.ok) throw new Error("not read");
          const lines =
            clean === ""
              ? []
              : clean
                  .replace(/\n$/, "")
                  .split("\n")
                  .map((line) => line.replace(/\r$/, ""));
          expect(scanned.value.total).toBe(lines.length);
          expect(scanned.value.lines).toEqual(to < from ? [] : lines.slice(from - 1, to));
          expect(scanned.value.version).toBe(whole.value.version);
        },
      ),
    );
  });

  test("cuts long lines between characters, and stops at the limits", async () => {
    const root = temporaryFolder({ a: `${"\u{1F600}".repeat(10)}\nsecond\nthird\n` });
    const file = await target(root, "a");
    const narrow = await scanLines(file, { ...everything, maxColumns: 5 }, never);
    expect(narrow).toMatchObject({ value: { lines: ["\u{1F600}\u{1F600} [line cut]", "secon [line cut]", "third"] } });
    expect(await scanLines(file, { ...everything, maxLines: 2 }, never)).toMatchObject({
      value: { lines: [{}, {}], total: 3 },
    });
    const small = await scanLines(file, { ...everything, maxBytes: 10 }, never);
    expect(small.ok && small.value.lines).toHaveLength(1);
  });

  test("does not hold a file of 200 MB in memory", async () => {
    const root = temporaryFolder({ dir: "" });
    const stream = createWriteStream(join(root, "huge"));
    const block = Buffer.from("0123456789abcdef\n".repeat(61_681));
    for (let written = 0; written < 200; written += 1) if (!stream.write(block)) await once(stream, "drain");
    stream.end("x".repeat(3_000_000));
    await once(stream, "close");
    const file = await target(root, "huge");
    const before = process.memoryUsage().rss;
    let peak = before;
    const sampler = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
    onTestFinished(() => clearInterval(sampler));
    const scanned = await scanLines(file, { ...everything, from: 12_000_000, to: 12_000_001 }, never);
    expect(scanned).toMatchObject({ value: { lines: ["0123456789abcdef", "0123456789abcdef"], total: 12_336_201 } });
    expect(peak - before).toBeLessThan(60_000_000);
  });

  test("stops when it is interrupted", async () => {
    const root = temporaryFolder({ a: "x" });
    const scanned = await scanLines(await target(root, "a"), everything, AbortSignal.abort());
    expect(scanned).toMatchObject({ error: { code: "INTERRUPTED" } });
  });
});

test("lines are the same wherever the chunks are cut", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "b", "x") }),
      fc.array(fc.nat(10)),
      fc.nat(3),
      (text, cuts, keep) => {
        const bytes = Buffer.from(text.replaceAll("x", "\n"));
        const split = (chunks: Buffer[]) => {
          const lines: string[] = [];
          const splitter = new LineSplitter(10, keep, (line, length) =>
            lines.push(`${line.toString("hex")} ${length}`),
          );
          for (const chunk of chunks) splitter.push(chunk);
          splitter.end();
          return lines;
        };
        const points = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        expect(split(points.map((point, index) => bytes.subarray(point, points[index + 1])))).toEqual(split([bytes]));
      },
    ),
  );
});

describe("writing a file", () => {
  async function write(root: string, name: string, text: string, expected?: string) {
    return writeFileAtomically(await target(root, name), Buffer.from(text), expected);
  }

  test("clears away what a killed process left, and nothing of one that still writes", async () => {
    const left = ".trust-999999999-12345678-1234-1234-1234-123456789abc.tmp";
    const busy = `.trust-${process.pid}-12345678-1234-1234-1234-123456789abc.tmp`;
    const root = temporaryFolder({ [left]: "half", [busy]: "half", ".trust-notes.tmp": "mine" });
    expect(await write(root, "new.txt", "whole")).toMatchObject({ ok: true });
    expect(readdirSync(root).toSorted()).toEqual([busy, ".trust-notes.tmp", "new.txt"].toSorted());
  });
  async function versionIn(root: string, name: string): Promise<string> {
    const file = await readTextFile(await target(root, name), { maxBytes: 1000 });
    return file.ok ? file.value.version : "";
  }

  test("makes missing folders and leaves nothing else behind", async () => {
    const root = temporaryFolder();
    const written = await write(root, "a/b/c.txt", "hello");
    expect(written).toEqual({ ok: true, value: await versionIn(root, "a/b/c.txt") });
    expect(readdirSync(join(root, "a/b"))).toEqual(["c.txt"]);
  });

  test("keeps the permissions and the owner of the file", async () => {
    const root = temporaryFolder({ "run.sh": "old" });
    chmodSync(join(root, "run.sh"), 0o755);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) chownSync(join(root, "run.sh"), 1234, 1234);
    expect((await write(root, "run.sh", "new", await versionIn(root, "run.sh"))).ok).toBe(true);
    const { mode, uid } = statSync(join(root, "run.sh"));
    expect(mode & 0o777).toBe(0o755);
    expect(uid).toBe(isRoot ? 1234 : process.geteuid?.());
  });

  test.each([
    ["was changed", "a", "other"],
    ["was created", undefined, "other"],
    ["was deleted", "a", undefined],
  ])("is a conflict when the file %s in the meantime", async (what, before, now) => {
    const root = temporaryFolder(before === undefined ? {} : { f: before });
    const expected = before === undefined ? undefined : await versionIn(root, "f");
    const place = await target(root, "f");
    if (now === undefined) execFileSync("rm", [join(root, "f")]);
    else writeFileSync(join(root, "f"), now);
    const written = await writeFileAtomically(place, Buffer.from("mine"), expected);
    expect(written).toMatchObject({ error: { code: "FILE_CONFLICT", message: expect.stringContaining(what) } });
    const left = readdirSync(root).map((name) => [name, readFileSync(join(root, name), "utf8")]);
    expect(left).toEqual(now === undefined ? [] : [["f", now]]);
  });

  test("fails in a folder or over a file that may not be written", async () => {
    const root = temporaryFolder({ "locked/f": "old", "open/f": "old" });
    chmodSync(root, 0o777);
    chmodSync(join(root, "locked"), 0o555);
    chmodSync(join(root, "open"), 0o777);
    chmodSync(join(root, "open", "f"), 0o444);
    for (const name of ["locked/f", "open/f"]) {
      const written = await withoutRootRights(async () => write(root, name, "new", await versionIn(root, name)));
      expect(written).toMatchObject({
        error: { code: "FILE_FAILED", message: expect.stringContaining("permission denied") },
      });
      expect(readFileSync(join(root, name), "utf8")).toBe("old");
    }
    expect(readdirSync(join(root, "locked"))).toEqual(["f"]);
  });

  test("leaves the old file whole when the disk is full", async (context) => {
    const root = temporaryFolder();
    const disk = join(root, "disk");
    mkdirSync(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], { stdio: "ignore" });
    } catch {
      return context.skip("SKIPPED: a full disk can only be tested where a tmpfs can be mounted");
    }
    try {
      writeFileSync(join(disk, "f"), "old");
      const written = await write(disk, "f", "x".repeat(200_000), await versionIn(disk, "f"));
      expect(written).toMatchObject({ error: { message: expect.stringContaining("no space is left on the disk") } });
      expect(readFileSync(join(disk, "f"), "utf8")).toBe("old");
      expect(readdirSync(disk)).toEqual(["f"]);
    } finally {
      execFileSync("umount", ["-l", disk]);
    }
  });
});
