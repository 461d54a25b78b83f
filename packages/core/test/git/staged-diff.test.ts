import { chmodSync, existsSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { openGit, readStagedDiff, repositoryState, type StagedFile } from "@trust-cli/core/git";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type Repository, temporaryRepository } from "./repository.ts";

let repository: Repository;
beforeEach(async () => {
  repository = await temporaryRepository();
});
afterEach(async () => {
  await repository[Symbol.asyncDispose]();
});

const staged = async (): Promise<StagedFile[]> => readStagedDiff(await openGit(repository.path));
const commitAll = (): void => {
  repository.git("add", "-A");
  repository.git("commit", "-qm", "one");
};

describe("what is staged", () => {
  test("is read before the first commit", async () => {
    await repository.write("src/a.ts", "one\ntwo\n");
    repository.git("add", "-A");
    const [file, ...rest] = await staged();
    expect(rest).toEqual([]);
    expect(file).toMatchObject({ path: "src/a.ts", change: "added", added: 2, deleted: 0, binary: false });
    expect(file?.hunks?.[0]?.lines).toEqual([
      { kind: "added", line: 1, text: "one" },
      { kind: "added", line: 2, text: "two" },
    ]);
  });

  test("is empty when nothing is, whatever lies in the work tree", async () => {
    await repository.write("a.ts", "one\n");
    expect(await staged()).toEqual([]);
  });

  test("has line numbers of the new file for added lines and of the old one for deleted lines", async () => {
    await repository.write("a.ts", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n");
    commitAll();
    await repository.write("a.ts", "1\n2\nnew\n3\n4\n5\n6\n7\n8\n9\n10\n12\n");
    repository.git("add", "-A");
    const lines = (await staged())[0]?.hunks?.flatMap((hunk) => hunk.lines).filter(({ kind }) => kind !== "context");
    expect(lines).toEqual([
      { kind: "added", line: 3, text: "new" },
      { kind: "deleted", line: 11, text: "11" },
    ]);
  });

  test.each([
    ["a quote", 'he said "hi".txt'],
    ["a line break", "two\nlines.txt"],
    ["a leading dash", "-rf"],
    ["a tab and a backslash", "a\tb\\c.txt"],
    ["a glob", "[a-z]*?.txt"],
    ["no ASCII", "größe/日本.txt"],
    ["the look of a rename", "a => b.txt"],
    ["magic words", ":(top)x"],
  ])("names a file with %s exactly", async (_, name) => {
    await repository.write(name, "text\n");
    await repository.write("zz other.txt", "other\n");
    repository.git("add", "-A");
    const files = await staged();
    expect(files.map(({ path }) => path).toSorted()).toEqual([name, "zz other.txt"].toSorted());
    expect(files.find(({ path }) => path === name)?.hunks?.[0]?.lines[0]?.text).toBe("text");
  });

  test("knows renames, deletions, links and mode changes, each with its own lines", async () => {
    await repository.write("old name.ts", "a\nb\nc\nd\ne\n");
    await repository.write("gone.ts", "x\n");
    await repository.write("link", "was a file\n");
    await repository.write("run.sh", "echo\n");
    commitAll();
    repository.git("mv", "old name.ts", "new name.ts");
    await repository.write("new name.ts", "a\nb\nc\nd\ne\nf\n");
    repository.git("rm", "-q", "gone.ts");
    unlinkSync(join(repository.path, "link"));
    symlinkSync("new name.ts", join(repository.path, "link"));
    chmodSync(join(repository.path, "run.sh"), 0o755);
    repository.git("add", "-A");
    const files = await staged();
    expect(files.map(({ path, change, oldPath }) => [path, change, oldPath])).toEqual([
      ["gone.ts", "deleted", undefined],
      ["link", "retyped", undefined],
      ["new name.ts", "renamed", "old name.ts"],
      ["run.sh", "modified", undefined],
    ]);
    expect(files[2]?.hunks?.[0]?.lines.at(-1)).toEqual({ kind: "added", line: 6, text: "f" });
    expect(files[3]?.hunks).toEqual([]);
  });

  test("leaves out the lines of binaries and of very large files, and marks what tools wrote", async () => {
    await repository.write("image.png", "\u0000\u0001PNG");
    await repository.write("package-lock.json", '{\n"a": 1\n}\n');
    await repository.write("huge.txt", "x\n".repeat(1_500_000));
    repository.git("add", "-A");
    const files = await staged();
    expect(files).toMatchObject([
      { path: "huge.txt", binary: true },
      { path: "image.png", binary: true },
      { path: "package-lock.json", generated: true, added: 3 },
    ]);
    expect(files.map(({ hunks }) => hunks?.length)).toEqual([undefined, undefined, 1]);
  });

  test("keeps the lines with their files when there are too many for renames to be found", async () => {
    for (let index = 0; index < 60; index++) await repository.write(`s/f${index}.old`, `text ${index}\n`.repeat(9));
    commitAll();
    repository.git("config", "diff.renameLimit", "10");
    for (let index = 0; index < 60; index++) {
      repository.git("mv", `s/f${index}.old`, `s/f${index}.new`);
      await repository.write(`s/f${index}.new`, `${`text ${index}\n`.repeat(9)}mark ${index}\n`);
    }
    repository.git("add", "-A");
    for (const { path, hunks = [] } of await staged()) {
      if (!path.endsWith(".new")) continue;
      const mark = hunks.flatMap(({ lines }) => lines).find(({ text }) => text.startsWith("mark"));
      expect(mark?.text).toBe(`mark ${path.replace(/\D/g, "")}`);
    }
  });

  test("keeps the lines with a file whose name is no UTF-8", async () => {
    writeFileSync(
      Buffer.concat([Buffer.from(`${repository.path}/caf`), Buffer.from([0xe9]), Buffer.from(".txt")]),
      "x\n",
    );
    await repository.write("z.txt", "last\n");
    repository.git("add", "-A");
    const files = await staged();
    expect(files.map(({ hunks }) => hunks?.[0]?.lines[0]?.text)).toEqual(["x", "last"]);
  });

  test("has right line numbers whatever the repository says about empty lines", async () => {
    await repository.write("a.ts", "1\n\n3\n4\n");
    commitAll();
    repository.git("config", "diff.suppressBlankEmpty", "true");
    await repository.write("a.ts", "1\n\n3\nnew\n");
    repository.git("add", "-A");
    const added = (await staged())[0]?.hunks?.[0]?.lines.find(({ kind }) => kind === "added");
    expect(added).toEqual({ kind: "added", line: 4, text: "new" });
  });

  test("never fetches what a partial clone lacks, by a program that the repository names", async () => {
    await repository.write("f", "old\n");
    commitAll();
    const blob = repository.git("rev-parse", "HEAD:f").trim();
    const trap = join(repository.path, "..", "lazy-trap-was-run");
    rmSync(join(repository.path, ".git/objects", blob.slice(0, 2), blob.slice(2)));
    for (const [key, value] of [
      ["core.repositoryformatversion", "1"],
      ["extensions.partialClone", "origin"],
      ["remote.origin.promisor", "true"],
      ["remote.origin.url", repository.path],
      ["remote.origin.uploadpack", `touch ${trap}; git-upload-pack`],
    ] as const) {
      repository.git("config", key, value);
    }
    await repository.write("f", "new\n");
    repository.git("add", "f");
    await staged().catch(() => undefined);
    expect(existsSync(trap)).toBe(false);
  });

  test("is the same whatever prefixes, order and external programs the repository configures", async () => {
    await repository.write("a.ts", "one\n");
    await repository.write("b.ts", "one\n");
    commitAll();
    const trap = join(repository.path, "..", "trap-was-run");
    await repository.write("trap.sh", `#!/bin/sh\ntouch "${trap}"\n`);
    chmodSync(join(repository.path, "trap.sh"), 0o755);
    await repository.write(".gitattributes", "*.ts diff=trap\n");
    await repository.write("order", "b.ts\na.ts\n");
    repository.git("config", "diff.noprefix", "true");
    repository.git("config", "diff.external", "./trap.sh");
    repository.git("config", "diff.trap.textconv", "./trap.sh");
    repository.git("config", "core.fsmonitor", "./trap.sh");
    repository.git("config", "diff.orderFile", "order");
    repository.git("config", "core.pager", "./trap.sh");
    await repository.write("a.ts", "two\n");
    await repository.write("b.ts", "three\n");
    repository.git("-c", "core.fsmonitor=false", "add", "a.ts", "b.ts");
    const files = await staged();
    expect(Object.fromEntries(files.map(({ path, hunks }) => [path, hunks?.[0]?.lines.at(-1)?.text]))).toEqual({
      "a.ts": "two",
      "b.ts": "three",
    });
    expect(existsSync(trap)).toBe(false);
  });

  test("is read without touching the index", async () => {
    await repository.write("a.ts", "one\n");
    commitAll();
    await repository.write("a.ts", "two\n");
    repository.git("add", "-A");
    const index = join(repository.path, ".git", "index");
    const before = statSync(index, { bigint: true }).mtimeNs;
    await staged();
    expect(statSync(index, { bigint: true }).mtimeNs).toBe(before);
  });
});

describe("opening", () => {
  test("a folder in no repository says what to do", async () => {
    await expect(openGit("/")).rejects.toMatchObject({ code: "REPOSITORY_MISSING", hint: "git init" });
  });

  test("finds the top folder from below", async () => {
    await repository.write("a/b/c.ts", "x\n");
    expect((await openGit(join(repository.path, "a", "b"))).root).toBe(repository.path);
  });

  test("an abort ends it as an interruption", async () => {
    await expect(openGit(repository.path, AbortSignal.abort())).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

describe("the state of a repository", () => {
  test("a merge in progress and a locked index are known", async () => {
    await repository.write("a", "1\n");
    commitAll();
    repository.git("switch", "-qc", "other");
    await repository.write("a", "2\n");
    commitAll();
    repository.git("switch", "-q", "main");
    await repository.write("a", "3\n");
    commitAll();
    expect(await repositoryState(await openGit(repository.path))).toEqual({ operation: undefined, lock: undefined });
    expect(() => repository.git("merge", "other")).toThrow("git merge");
    await repository.write(".git/index.lock", "");
    const state = await repositoryState(await openGit(repository.path));
    expect(state).toEqual({ operation: "merge", lock: join(repository.path, ".git", "index.lock") });
    expect((await staged()).some(({ change }) => change === "unmerged")).toBe(true);
  });
});
