import { expect, test } from "vitest";

import { nanoProfile } from "../../src/models/profile/index.ts";
import { temporaryJournal } from "../../src/testing/index.ts";
import {
  builtInTools,
  createEditFailures,
  createReadLedger,
  defaultLimits,
  toolSignature,
} from "../../src/tools/index.ts";
import { openWorkspace } from "../../src/workspace/index.ts";
import { temporaryFolder } from "../workspace/temporary-folder.ts";

const string = { type: "string" };
const integer = { type: "integer" };

async function tools() {
  const workspace = await openWorkspace(temporaryFolder());
  return builtInTools({
    workspace,
    changes: temporaryJournal(workspace),
    ledger: createReadLedger(),
    failures: createEditFailures(),
    limits: defaultLimits,
  });
}

test("the signatures are exactly those that the built-in model was trained on", async () => {
  const expected = [
    ["list_directory", "List the entries of a directory", { path: string }, []],
    ["find_files", "Find files by glob pattern", { pattern: string }, ["pattern"]],
    ["search_text", "Search text in files", { pattern: string, path: string }, ["pattern"]],
    ["read_file", "Read a file", { path: string, from_line: integer, to_line: integer }, ["path"]],
    ["write_file", "Write a new file", { path: string, content: string }, ["path", "content"]],
    [
      "edit_file",
      "Replace text in a file",
      { path: string, old_text: string, new_text: string },
      ["path", "old_text", "new_text"],
    ],
    ["run_command", "Run a shell command", { command: string }, ["command"]],
  ].map(([name, description, properties, required]) => ({
    name,
    description,
    parameters: { type: "object", properties, required },
  }));
  const offered = (await tools()).filter(({ name }) => nanoProfile.builtInTools?.includes(name));
  expect(JSON.stringify(offered.map(toolSignature))).toBe(JSON.stringify(expected));
});

test.each([
  ["read_file", { path: "a", from_line: 0 }],
  ["read_file", { path: "a", from_line: 1.5 }],
  ["read_file", { path: "a", lines: 3 }],
  ["find_files", {}],
  ["run_command", { command: "" }],
])("%s does not accept %j", async (name, input) => {
  expect((await tools()).find((tool) => tool.name === name)?.input.safeParse(input).success).toBe(false);
});

test("only reading is harmless", async () => {
  const harmless = (await tools()).filter(({ risk }) => risk === "read").map(({ name }) => name);
  expect(harmless).toEqual(["list_directory", "find_files", "search_text", "read_file", "plan"]);
});

test("the subject is the path from the root, however it was written", async () => {
  const read = (await tools()).find(({ name }) => name === "read_file");
  expect(read?.subject({ path: "./src/../.env" })).toBe(".env");
  const search = (await tools()).find(({ name }) => name === "search_text");
  expect(search?.subject({ pattern: "TODO", path: "./src/" })).toBe("TODO in src");
});
