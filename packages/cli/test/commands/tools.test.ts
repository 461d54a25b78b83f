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
  workspace = await temporaryWorkspace({ "notes.txt": "one\ntwo\n", "windows.txt": "one\r\ntwo\r\n" });
});
afterEach(() => workspace[Symbol.asyncDispose]());

const tools = (args: readonly string[]): Promise<Finished> => trust(["tools", ...args], { home, cwd: workspace.path });
const call = (name: string, args: Record<string, unknown>, ...flags: string[]): Promise<Finished> =>
  tools(["call", name, JSON.stringify(args), ...flags]);

const edit = { path: "notes.txt", old_text: "two", new_text: "three" };

describe("trust tools", () => {
  test("lists every tool with its risk, and shows one with its parameters", async () => {
    const list = parseUnknownJson((await tools(["list", "--json"])).stdout, "stdout") as {
      name: string;
      risk: string;
    }[];
    expect(list.map(({ name, risk }) => `${name} ${risk}`)).toEqual([
      "list_directory read",
      "find_files read",
      "search_text read",
      "read_file read",
      "write_file change",
      "edit_file change",
      "run_command command",
      "multi_edit change",
      "replace_lines change",
      "apply_patch change",
      "move_file change",
      "delete_file change",
      "run_tests command",
      "run_checks command",
      "change_and_test change",
      "plan read",
      "search_code read",
      "search_and_read read",
      "edit_symbol change",
      "outline read",
      "find_symbol read",
      "find_references read",
      "licence_overview read",
      "todo_list read",
      "todo_add change",
      "todo_done change",
    ]);
    expect(parseUnknownJson((await tools(["show", "read_file"])).stdout, "stdout")).toMatchObject({
      name: "read_file",
      risk: "read",
    });
  });

  test("runs a tool that reads at once", async () => {
    const { status, stdout } = await call("read_file", { path: "notes.txt" });
    expect(stdout).toContain("two");
    expect(status).toBe(0);
  });

  test("of the same kind obey each other's deny rules, for every file that a call touches", async () => {
    const rule = ["--deny", "edit_file(win*.txt)", "--yes", "--json"] as const;
    const patch = "--- a/notes.txt\n+++ b/notes.txt\n@@\n-two\n+2\n--- a/windows.txt\n+++ /dev/null\n";
    const refused = [
      call("delete_file", { path: "windows.txt" }, ...rule),
      call("move_file", { from: "windows.txt", to: "other.txt" }, ...rule),
      call("apply_patch", { patch }, ...rule),
    ];
    for (const { stdout } of await Promise.all(refused)) expect(stdout).toContain('"status":"refused"');
    expect(await workspace.read("notes.txt")).toBe("one\ntwo\n");
  });

  test("refuses a change without --yes where nobody can be asked", async () => {
    const { status, stdout } = await call("edit_file", edit, "--json");
    expect(parseUnknownJson(stdout, "stdout")).toMatchObject({ name: "edit_file", status: "refused" });
    expect(status).toBe(4);
    expect(await workspace.read("notes.txt")).toBe("one\ntwo\n");
  });

  test("makes it with --yes", async () => {
    const { status } = await call("edit_file", edit, "--yes");
    expect(status).toBe(0);
    expect(await workspace.read("notes.txt")).toBe("one\nthree\n");
  });

  test("runs a command with --yes and gives its output", async () => {
    const { status, stdout } = await call("run_command", { command: "echo made it" }, "--yes");
    expect(stdout).toContain("made it");
    expect(status).toBe(0);
  });

  test("keeps denying what a rule denies, also with --yes", async () => {
    const { status } = await call("edit_file", edit, "--yes", "--deny", "edit_file(notes.txt)");
    expect(status).toBe(4);
    expect(await workspace.read("notes.txt")).toBe("one\ntwo\n");
  });

  test("keeps Windows line endings", async () => {
    await call("edit_file", { ...edit, path: "windows.txt", new_text: "2\n3" }, "--yes");
    expect(await workspace.read("windows.txt")).toBe("one\r\n2\r\n3\r\n");
  });

  test.each([
    ["arguments of the wrong type", "read_file", { path: 7 }, /path/],
    ["text that is not there", "edit_file", { ...edit, old_text: "absent" }, /old_text does not occur/],
    ["a file outside the workspace", "read_file", { path: "/etc/passwd" }, /outside/],
    ["a file that is not there", "read_file", { path: "nope.txt" }, /no such file: nope\.txt/],
  ])("fails with words for %s", async (_, name, args, words) => {
    const { status, stdout } = await call(name, args, "--yes");
    expect(stdout).toMatch(words);
    expect(status).toBe(1);
  });

  test("says that arguments must be JSON", async () => {
    const { status, stderr } = await tools(["call", "read_file", "notes.txt"]);
    expect(stderr).toContain("The argument list is not valid JSON");
    expect(status).toBe(2);
  });
});
