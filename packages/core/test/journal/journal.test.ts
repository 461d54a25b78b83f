import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { Journal, listTurns } from "../../src/journal/index.ts";
import { changeOf, journalBench } from "./journal-bench.ts";

describe("a change", () => {
  test("of several files happens to all of them", async () => {
    await using bench = await journalBench({ "a.txt": "a\n", "b.txt": "b\n" });
    expect(await bench.change({ "a.txt": "A\n", "b.txt": undefined, "deep/er/c.txt": "C\n" })).toBeUndefined();
    expect(await bench.files.read("a.txt")).toBe("A\n");
    expect(existsSync(join(bench.files.path, "b.txt"))).toBe(false);
    expect(await bench.files.read("deep/er/c.txt")).toBe("C\n");
  });

  test("happens to none when one of them is not what it was", async () => {
    await using bench = await journalBench({ "a.txt": "a\n", "b.txt": "b\n" });
    const changes = [await changeOf(bench.workspace, "a.txt", "A"), await changeOf(bench.workspace, "b.txt", "B")];
    await bench.files.write("b.txt", "mine\n");
    expect(await bench.journal.apply(changes, "both")).toMatchObject({ ok: false, error: { code: "FILE_CONFLICT" } });
    expect(await bench.files.read("a.txt")).toBe("a\n");
    expect(await listTurns(bench.journal, 9)).toEqual([]);
  });

  test("happens to none when one of them cannot be written, and leaves no folder behind", async () => {
    await using bench = await journalBench({ "a.txt": "a\n", file: "" });
    const changes = [await changeOf(bench.workspace, "a.txt", "A"), await changeOf(bench.workspace, "new/b.txt", "B")];
    const third = { ...(await changeOf(bench.workspace, "c.txt", "C")), before: undefined };
    writeFileSync(join(bench.files.path, "c.txt"), "somebody's");
    expect(await bench.journal.apply([...changes, third], "all")).toMatchObject({ ok: false });
    expect(readdirSync(bench.files.path).toSorted()).toEqual(["a.txt", "c.txt", "file"]);
    expect(await bench.files.read("a.txt")).toBe("a\n");
  });

  test.skipIf(process.getuid?.() === 0)("of a file that is read-only is refused", async () => {
    await using bench = await journalBench({ "a.txt": "a\n" });
    chmodSync(join(bench.files.path, "a.txt"), 0o444);
    expect(await bench.change({ "a.txt": "A" })).toBe("FILE_FAILED");
  });

  test("keeps the permissions of what was there", async () => {
    await using bench = await journalBench({ "run.sh": "#!/bin/sh\n" });
    chmodSync(join(bench.files.path, "run.sh"), 0o750);
    await bench.change({ "run.sh": "#!/bin/sh\necho\n" });
    expect(statSync(join(bench.files.path, "run.sh")).mode & 0o777).toBe(0o750);
  });
});

describe("undo", () => {
  test("takes a whole turn back to the byte, with its permissions and folders", async () => {
    await using bench = await journalBench({ "a.txt": "\uFEFFa\r\nno end", "run.sh": "#!/bin/sh\n" });
    chmodSync(join(bench.files.path, "run.sh"), 0o751);
    bench.journal.begin({ title: "rename everything" });
    await bench.change({ "a.txt": "first" });
    await bench.change({ "a.txt": "second", "run.sh": undefined });
    await bench.change({ "new/folder/b.txt": "b" });
    expect(await bench.undo()).toEqual({ "a.txt": "restored", "run.sh": "created", "new/folder/b.txt": "deleted" });
    expect(await bench.files.read("a.txt")).toBe("\uFEFFa\r\nno end");
    expect(statSync(join(bench.files.path, "run.sh")).mode & 0o777).toBe(0o751);
    expect(readdirSync(bench.files.path).toSorted()).toEqual(["a.txt", "run.sh"]);
  });

  test("goes back turn by turn, and redo goes forth again", async () => {
    await using bench = await journalBench({ "a.txt": "0" });
    for (const text of ["1", "2", "3"]) {
      bench.journal.begin({ title: text });
      await bench.change({ "a.txt": text });
    }
    await bench.undo();
    expect(await bench.files.read("a.txt")).toBe("2");
    await bench.undo({ selection: { kind: "last", count: 2 } });
    expect(await bench.files.read("a.txt")).toBe("0");
    expect(await bench.undo()).toBe("USAGE");
    await bench.redo();
    expect(await bench.files.read("a.txt")).toBe("1");
    await bench.redo({ selection: { kind: "last", count: 2 } });
    expect(await bench.files.read("a.txt")).toBe("3");
    expect(await bench.redo()).toBe("USAGE");
  });

  test("can be asked for one turn or one file", async () => {
    await using bench = await journalBench({ "a.txt": "a", "b.txt": "b" });
    bench.journal.begin({ title: "one" });
    await bench.change({ "a.txt": "A", "b.txt": "B" });
    bench.journal.begin({ title: "two" });
    await bench.change({ "c.txt": "C" });
    const turns = await listTurns(bench.journal, 9);
    expect(turns.map(({ title }) => title)).toEqual(["two", "one"]);
    expect(await bench.undo({ file: "b.txt" })).toEqual({ "b.txt": "restored" });
    expect([await bench.files.read("a.txt"), await bench.files.read("b.txt")]).toEqual(["A", "b"]);
    expect(await bench.undo({ selection: { kind: "turn", id: turns[1]?.id ?? 0 } })).toEqual({ "a.txt": "restored" });
    expect(await bench.files.read("c.txt")).toBe("C");
  });

  test("refuses to trample later work, and changes nothing then", async () => {
    await using bench = await journalBench({ "a.txt": "a\n", "b.txt": "b\n" });
    await bench.change({ "a.txt": "A\n", "b.txt": "B\n" });
    await bench.files.write("a.txt", "A\nmine\n");
    expect(await bench.undo()).toBe("FILE_CONFLICT");
    expect([await bench.files.read("a.txt"), await bench.files.read("b.txt")]).toEqual(["A\nmine\n", "B\n"]);
  });

  test("merges with later work that touches other lines", async () => {
    await using bench = await journalBench({ "a.txt": "1\n2\n3\n4\n5\n" });
    await bench.change({ "a.txt": "1\ntwo\n3\n4\n5\n" });
    await bench.files.write("a.txt", "1\ntwo\n3\n4\nfive\n");
    expect(await bench.undo({ merge: true })).toEqual({ "a.txt": "merged" });
    expect(await bench.files.read("a.txt")).toBe("1\n2\n3\n4\nfive\n");
  });

  test("does not merge what touches the same lines", async () => {
    await using bench = await journalBench({ "a.txt": "1\n2\n3\n" });
    await bench.change({ "a.txt": "1\ntwo\n3\n" });
    await bench.files.write("a.txt", "1\ndeux\n3\n");
    expect(await bench.undo({ merge: true })).toBe("FILE_CONFLICT");
    expect(await bench.files.read("a.txt")).toBe("1\ndeux\n3\n");
  });

  test("leaves alone what somebody took back already", async () => {
    await using bench = await journalBench({ "a.txt": "a", "b.txt": "b" });
    await bench.change({ "a.txt": "A", "b.txt": "B" });
    await bench.files.write("a.txt", "a");
    expect(await bench.undo()).toEqual({ "a.txt": "unchanged", "b.txt": "restored" });
  });

  test("does not follow a link, or write into a folder, that took a file's place", async () => {
    await using bench = await journalBench({ "a.txt": "a", "b.txt": "b", "elsewhere.txt": "mine" });
    await bench.change({ "a.txt": "A", "b.txt": "B" });
    const path = (name: string): string => join(bench.files.path, name);
    rmSync(path("a.txt"));
    symlinkSync(path("elsewhere.txt"), path("a.txt"));
    expect(await bench.undo()).toBe("FILE_CONFLICT");
    rmSync(path("a.txt"));
    mkdirSync(path("a.txt"));
    expect(await bench.undo()).toBe("FILE_CONFLICT");
    expect(await bench.files.read("elsewhere.txt")).toBe("mine");
  });

  test("takes back what a session did since one of its messages, and nothing of others", async () => {
    await using bench = await journalBench({ "a.txt": "a", "b.txt": "b", "c.txt": "c" });
    bench.journal.begin({ title: "early", session: "s", message: 0 });
    await bench.change({ "a.txt": "A" });
    bench.journal.begin({ title: "late", session: "s", message: 4 });
    await bench.change({ "b.txt": "B" });
    bench.journal.begin({ title: "other", session: "t", message: 9 });
    await bench.change({ "c.txt": "C" });
    const selection = { kind: "since", session: "s", message: 4 } as const;
    expect(await bench.undo({ selection })).toEqual({ "b.txt": "restored" });
    expect([await bench.files.read("a.txt"), await bench.files.read("c.txt")]).toEqual(["A", "C"]);
  });

  test("never loses what somebody wrote between two changes of one turn", async () => {
    await using bench = await journalBench({ "a.txt": "one\n\n\n" });
    bench.journal.begin({ title: "write digits" });
    await bench.change({ "a.txt": "ONE\n\n\n" });
    await bench.files.write("a.txt", "ONE\n\n\nmine\n");
    await bench.change({ "a.txt": "1\n\n\nmine\n" });
    expect(await bench.undo()).toBe("FILE_CONFLICT");
    expect(await bench.files.read("a.txt")).toBe("1\n\n\nmine\n");
    expect(await bench.undo({ merge: true })).toEqual({ "a.txt": "merged" });
    expect(await bench.files.read("a.txt")).toBe("one\n\n\nmine\n");
  });

  test("of a turn that goes on after another process took it back takes back what came later, too", async () => {
    await using bench = await journalBench({ "a.txt": "A" });
    bench.journal.begin({ title: "work" });
    await bench.change({ "a.txt": "B" });
    await bench.undo();
    await bench.change({ "a.txt": "C", "b.txt": "new" });
    expect(await bench.undo()).toEqual({ "a.txt": "restored", "b.txt": "deleted" });
    expect(await bench.files.read("a.txt")).toBe("A");
  });

  test("to a message does not touch turns whose messages were forgotten before", async () => {
    await using bench = await journalBench({ "a.txt": "a", "b.txt": "b" });
    bench.journal.begin({ title: "first", session: "s", message: 0 });
    await bench.change({ "a.txt": "A" });
    await bench.journal.detach("s", 0);
    bench.journal.begin({ title: "second", session: "s", message: 0 });
    await bench.change({ "b.txt": "B" });
    await bench.undo({ selection: { kind: "since", session: "s", message: 0 } });
    expect([await bench.files.read("a.txt"), await bench.files.read("b.txt")]).toEqual(["A", "b"]);
  });

  test("works in the next process, for names with line ends, for bytes that are no text", async () => {
    await using bench = await journalBench();
    const odd = "a\nb \u0007.bin";
    await bench.change({ [odd]: Buffer.from([0, 255, 128]) });
    await bench.change({ [odd]: Buffer.from([1]) });
    bench.journal[Symbol.dispose]();
    const next = new Journal(bench.place);
    const turns = await listTurns(next, 9);
    expect(turns[0]?.files).toEqual([odd]);
    expect(await bench.undo()).toEqual({ [odd]: "deleted" });
    next[Symbol.dispose]();
  });
});

describe("undo, in the corners", () => {
  test("brings back a file whose name has a backslash", async () => {
    await using bench = await journalBench({ "a\\b.txt": "a" });
    await bench.change({ "a\\b.txt": undefined });
    expect(await bench.undo()).toEqual({ "a\\b.txt": "created" });
    expect(await bench.files.read("a\\b.txt")).toBe("a");
    expect(readdirSync(bench.files.path)).toEqual(["a\\b.txt"]);
  });

  test("gives a file that one turn removed and made anew its permissions again", async () => {
    await using bench = await journalBench({ "run.sh": "#!/bin/sh\n", "b.sh": "#!/bin/sh\n" });
    const mode = (name: string): number => statSync(join(bench.files.path, name)).mode & 0o777;
    for (const name of ["run.sh", "b.sh"]) chmodSync(join(bench.files.path, name), 0o751);
    bench.journal.begin({ title: "anew" });
    await bench.change({ "run.sh": undefined });
    await bench.change({ "run.sh": "anew\n" });
    await bench.change({ "b.sh": "edited\n" });
    expect(mode("run.sh")).not.toBe(0o751);
    chmodSync(join(bench.files.path, "b.sh"), 0o700);
    await bench.undo();
    expect([mode("run.sh"), mode("b.sh")]).toEqual([0o751, 0o700]);
  });

  test("of a turn whose work a later turn took back by hand says so, and does nothing", async () => {
    await using bench = await journalBench({ "a.txt": "A\n" });
    for (const text of ["B\n", "A\n"]) {
      bench.journal.begin({ title: text });
      await bench.change({ "a.txt": text });
    }
    const [, middle] = await listTurns(bench.journal, 9);
    const selection = { kind: "turn", id: middle?.id ?? 0 } as const;
    expect(await bench.undo({ selection })).toBe("FILE_CONFLICT");
    expect(await bench.undo({ selection: { kind: "last", count: 2 } })).toEqual({ "a.txt": "unchanged" });
    expect(await bench.undo()).toBe("USAGE");
    await bench.redo();
    expect(await bench.files.read("a.txt")).toBe("B\n");
  });

  test("removes the folders that a turn made, and leaves those with other files", async () => {
    await using bench = await journalBench();
    await bench.change({ "one/deep/a.txt": "a", "two/deep/b.txt": "b" });
    await bench.files.write("two/mine.txt", "mine");
    await bench.undo();
    expect(readdirSync(bench.files.path, { recursive: true }).map(String).toSorted()).toEqual(["two", "two/mine.txt"]);
    await bench.redo();
    await bench.undo();
    expect(readdirSync(bench.files.path, { recursive: true }).map(String).toSorted()).toEqual(["two", "two/mine.txt"]);
  });
});

test("the journal is for its owner alone", async () => {
  await using bench = await journalBench();
  await bench.change({ "a.txt": "secret" });
  expect(statSync(bench.place.file).mode & 0o777).toBe(0o600);
});

test("two processes that change the same file take turns, and none is lost", async () => {
  await using bench = await journalBench({ "n.txt": "" });
  const second = new Journal(bench.place);
  const add = async (journal: Journal, letter: string): Promise<void> => {
    for (let tries = 0; tries < 50; tries++) {
      const now = await bench.files.read("n.txt");
      const change = await changeOf(bench.workspace, "n.txt", now + letter);
      if ((await journal.apply([change], letter)).ok) return;
    }
    throw new Error("never applied");
  };
  await Promise.all(["a", "b", "c", "d"].map((letter, index) => add(index % 2 === 0 ? bench.journal : second, letter)));
  expect((await bench.files.read("n.txt")).split("").toSorted().join("")).toBe("abcd");
  second[Symbol.dispose]();
});
