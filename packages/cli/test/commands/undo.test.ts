import { createHash } from "node:crypto";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import { type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, trust } from "../support/program.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(async () => {
  buildProgram();
  home = await scratchHome();
});
afterAll(() => home[Symbol.asyncDispose]());
beforeEach(async () => {
  workspace = await temporaryWorkspace({ "notes.txt": "one\r\ntwo\r\n" });
  await run("tools", "call", "edit_file", '{"path":"notes.txt","old_text":"two","new_text":"zwei"}', "--yes");
  await run("tools", "call", "write_file", '{"path":"new/b.txt","content":"b\\n"}', "--yes");
});
afterEach(() => workspace[Symbol.asyncDispose]());

const run = (...args: string[]): Promise<Finished> => trust(args, { home, cwd: workspace.path });

describe("trust undo", () => {
  test("takes back what was done last, and trust redo does it again", async () => {
    expect((await run("undo")).stdout).toMatch(/^Undid t\d+: trust tools call write_file\n {2}deleted +new\/b\.txt\n$/);
    expect(existsSync(join(workspace.path, "new"))).toBe(false);
    expect((await run("undo")).status).toBe(0);
    expect(await workspace.read("notes.txt")).toBe("one\r\ntwo\r\n");
    expect((await run("redo", "2")).status).toBe(0);
    expect(await workspace.read("notes.txt")).toBe("one\r\nzwei\r\n");
    expect(await workspace.read("new/b.txt")).toBe("b\n");
  });

  test("lists the turns, also for programs, and takes one of them", async () => {
    const [last, first] = parseUnknownJson((await run("undo", "--list", "--json")).stdout, "stdout") as {
      turn: string;
      files: string[];
    }[];
    expect([last?.files, first?.files]).toEqual([["new/b.txt"], ["notes.txt"]]);
    const undone = parseUnknownJson((await run("undo", first?.turn ?? "", "--json")).stdout, "stdout");
    expect(undone).toMatchObject({ files: [{ path: "notes.txt", how: "restored" }] });
    expect((await run("undo", "--list")).stdout).toContain("(undone)");
  });

  test("refuses to trample later edits, and keeps both with --merge", async () => {
    await workspace.write("notes.txt", "one\r\nzwei\r\nthree\r\nfour\r\n");
    const refused = await run("undo", "--file", "notes.txt");
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/notes\.txt changed since.*\n.*--merge/),
    ]);
    await workspace.write("notes.txt", "zero\r\n\r\none\r\nzwei\r\n");
    expect((await run("undo", "--file", "notes.txt", "--merge")).stdout).toContain("merged    notes.txt");
    expect(await workspace.read("notes.txt")).toBe("zero\r\n\r\none\r\ntwo\r\n");
  });

  test("says what it can do when there is nothing, or the words mean nothing", async () => {
    expect(await run("undo", "yesterday")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("--list") as string,
    });
    await run("undo", "2");
    expect(await run("undo")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("Nothing to undo") as string,
    });
  });

  /** As a process leaves it that dies behind its last change. */
  function interrupt(): string {
    const name = createHash("sha256").update(workspace.path).digest("hex").slice(0, 16);
    const marker = join(home.folder, "state", "locks", `changes-${name}.pending`);
    writeFileSync(marker, "");
    return marker;
  }

  test("says at the next start what became of a change in whose middle the process died", async () => {
    const marker = interrupt();
    using database = new DatabaseSync(join(home.folder, "data", "journal.db"));
    database.exec("UPDATE changes SET pending = 1 WHERE id = (SELECT max(id) FROM changes)");
    const { stderr } = await run("tools", "call", "read_file", '{"path":"notes.txt"}');
    expect(stderr).toContain("a change that was interrupted is complete: new/b.txt");
    expect(existsSync(marker)).toBe(false);
    expect((await run("undo")).stdout).toContain("new/b.txt");
  });

  test("that cannot be read keeps nothing but changes from working", async () => {
    await using other = await scratchHome();
    const inOther = (...args: string[]): Promise<Finished> => trust(args, { home: other, cwd: workspace.path });
    await inOther("tools", "call", "write_file", '{"path":"c.txt","content":"c"}', "--yes");
    for (const end of ["", "-wal", "-shm"]) rmSync(join(other.folder, "data", `journal.db${end}`), { force: true });
    writeFileSync(join(other.folder, "data", "journal.db"), "no database, but text");
    const name = basename(interrupt());
    writeFileSync(join(other.folder, "state", "locks", name), "");
    const read = await inOther("tools", "call", "read_file", '{"path":"c.txt"}');
    expect([read.status, read.stderr]).toEqual([0, expect.stringContaining("not a database")]);
    const change = await inOther("tools", "call", "write_file", '{"path":"d.txt","content":"d"}', "--yes");
    expect([change.status, existsSync(join(workspace.path, "d.txt"))]).toEqual([1, false]);
  });
});
