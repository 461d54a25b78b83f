import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { parseUnknownJson, shellWord } from "@trust-cli/core/protocol";
import { callTool, fakeOpenAiServer, say, temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, expect, test } from "vitest";

import { buildProgram, scratchHome, trust } from "../support/program.ts";

beforeAll(buildProgram);

const require = createRequire(import.meta.url);
/** A library of real size that is here anyway, pinned. */
const zod = dirname(require.resolve("zod/package.json"));
const compiler = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
const check = [process.execPath, compiler, "--noEmit", "--skipLibCheck", "--strict", "--module", "nodenext"]
  .concat(["--target", "es2022", "--types", '""', "src/v4/classic/index.ts", "src/v4/mini/index.ts", "src/report.ts"])
  .map((word) => (word === '""' ? word : shellWord(word)))
  .join(" ");
const firstCheck = check.replace(" src/report.ts", "");

function digestOf(folder: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map(({ parentPath, name }) => join(parentPath, name)).toSorted())
    hash.update(path).update("\0").update(readFileSync(path));
  return hash.digest("hex");
}

test("a refactoring of five files in TypeScript compiles, and trust undo gives back every byte", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace({ "package.json": '{ "name": "zod-copy", "type": "module" }\n' });
  cpSync(join(zod, "src"), join(workspace.path, "src"), { recursive: true });
  const before = digestOf(workspace.path);
  const rename = (path: string, line: string) =>
    callTool("edit_file", { path, old_text: line, new_text: line.replaceAll("flattenError", "flattenIssues") });
  const patch = [
    "--- a/src/v4/core/errors.ts",
    "+++ b/src/v4/core/errors.ts",
    "@@ -322,3 +322,3 @@",
    "-export function flattenError<T>(error: $ZodError<T>): _FlattenedError<T>;",
    "-export function flattenError<T, U>(error: $ZodError<T>, mapper?: (issue: $ZodIssue) => U): _FlattenedError<T, U>;",
    "-export function flattenError<T, U>(error: $ZodError<T>, mapper = (issue: $ZodIssue) => issue.message as U) {",
    "+export function flattenIssues<T>(error: $ZodError<T>): _FlattenedError<T>;",
    "+export function flattenIssues<T, U>(error: $ZodError<T>, mapper?: (issue: $ZodIssue) => U): _FlattenedError<T, U>;",
    "+export function flattenIssues<T, U>(error: $ZodError<T>, mapper = (issue: $ZodIssue) => issue.message as U) {",
  ].join("\n");
  const report =
    'import { flattenIssues } from "./v4/core/errors.js";\n\nexport const report: typeof flattenIssues = flattenIssues;\n';
  await using server = await fakeOpenAiServer([
    callTool("run_command", { command: firstCheck }),
    callTool("find_references", { name: "flattenError" }),
    callTool("apply_patch", { patch }),
    rename("src/v4/classic/errors.ts", "core.flattenError(self, mapper)"),
    rename("src/v4/classic/external.ts", "  flattenError,"),
    rename("src/v4/mini/external.ts", "  flattenError,"),
    callTool("write_file", { path: "src/report.ts", content: report }),
    callTool("run_command", { command: check }),
    say("It is renamed, and compiles."),
  ]);
  const args = ["-m", server.url, "-p", "rename flattenError to flattenIssues", "--mode", "auto"];
  const allow = ["--allow", `run_command(${check})`, "--allow", `run_command(${firstCheck})`];
  const asked = { home, cwd: workspace.path };
  const done = await trust([...args, ...allow, "--output-format", "json"], asked);
  const { calls } = parseUnknownJson(done.stdout, "stdout") as { calls: { name: string; status: string }[] };
  expect(calls.map(({ name, status }) => `${name} ${status}`)).toEqual([
    "run_command ok",
    "find_references ok",
    "apply_patch ok",
    "edit_file ok",
    "edit_file ok",
    "edit_file ok",
    "write_file ok",
    "run_command ok",
  ]);
  const told = server.requests.map(({ body }) => JSON.stringify(body)).join("\n");
  expect(told).toContain("src/v4/classic/errors.ts: 59");
  expect(digestOf(workspace.path)).not.toBe(before);
  const undone = await trust(["undo", "--json"], asked);
  expect((parseUnknownJson(undone.stdout, "stdout") as { files: unknown[] }).files).toHaveLength(5);
  expect(digestOf(workspace.path)).toBe(before);
});
