import { createHash } from "node:crypto";
import { cpSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { extname, join, relative } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import { callTool, fakeOpenAiServer, say, type ScriptStep, temporaryWorkspace } from "@trust-cli/core/testing";
import { expect } from "vitest";

import { type Home, scratchHome, trust } from "./program.ts";

/** How a model may rename something in a file. */
type EditTool = "edit_file" | "multi_edit" | "replace_lines" | "apply_patch";

/** A function that gets another name in a library of real size. */
export interface Refactoring {
  /** What people call the library. */
  library: string;
  /** The library's folder, of which a copy is changed. */
  source: string;
  /** How the model finds where the name is. */
  look: ScriptStep;
  from: string;
  to: string;
  /** The first begins with the file of the definition: after it the tests must fail. Several files are one patch. */
  edits: readonly (readonly [tool: EditTool, path: string, ...others: string[]])[];
  /** What runs the tests, as the model calls it. */
  check: ScriptStep;
  /** What the result of `check` says when all is well. */
  passes: RegExp;
  allow: string;
  environment?: Readonly<Record<string, string | undefined>>;
  /** Folders that the tests write. */
  outputs?: readonly string[];
}

interface Call {
  name: string;
  status: string;
  summary: string;
}

/**
 * A scripted model tests, renames one file, tests in vain, renames the others, tests; `trust undo` then restores every
 * byte and every mode. Returns the library and its size in words.
 */
export async function refactorAndUndo(refactoring: Refactoring): Promise<string> {
  const { library, source, outputs = [], edits, environment = {} } = refactoring;
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace();
  cpSync(source, workspace.path, { recursive: true });
  const before = digestOf(workspace.path, outputs);
  const size = sizeOf(workspace.path, extname(edits[0]?.[1] ?? ""));
  const asked = { home, cwd: workspace.path, env: environment };

  await refactor(refactoring, asked);
  const changed = edits.flatMap(([, ...paths]) => paths);
  for (const path of changed) {
    const text = readFileSync(join(source, path), "utf8");
    expect(await workspace.read(path), path).toBe(text.replaceAll(refactoring.from, refactoring.to));
  }
  await expectFound(refactoring, asked);

  const undone = await trust(["undo", "--json"], asked);
  const { files } = parseUnknownJson(undone.stdout, "stdout") as { files: unknown[] };
  expect(files).toHaveLength(changed.length);
  expect(digestOf(workspace.path, outputs)).toBe(before);
  return `${library}: ${size}`;
}

interface Asked {
  home: Home;
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
}

async function refactor(refactoring: Refactoring, asked: Asked): Promise<void> {
  const { look, check, edits, from, to, allow, passes } = refactoring;
  const [first = [], ...others] = edits.map(([tool, ...paths]) => editsOf(tool, paths, refactoring));
  const steps = [check, look, ...first, check, ...others.flat(), check];
  await using server = await fakeOpenAiServer([...steps, say("It is renamed, and the tests pass.")]);
  const args = ["-m", server.url, "-p", `rename ${from} to ${to}`, "--mode", "auto", "--allow", allow];
  const done = await trust([...args, "--output-format", "json"], asked);
  const { calls = [] } = parseUnknownJson(done.stdout, "stdout") as { calls?: Call[] };
  const [then, half, now] = [0, 2 + first.length, steps.length - 1];
  expect(calls[then]?.summary, done.stdout).toMatch(passes);
  expect(calls[half]?.summary, done.stdout).not.toMatch(passes);
  expect(calls[now]?.summary, done.stdout).toBe(calls[then]?.summary);
  const unmet = calls.filter(({ status }, index) => status !== "ok" && index !== half);
  expect(unmet, done.stdout).toEqual([]);
  expect(calls, done.stderr).toHaveLength(steps.length);
}

/** The map and the index know the new name, and where it is. */
async function expectFound({ edits, to }: Refactoring, asked: Asked): Promise<void> {
  const definedIn = edits[0]?.[1] ?? "";
  const map = await trust(["map", "--budget", "1000"], asked);
  expect(map.stdout.split("\n")).toContain(definedIn);
  const found = await trust(["index", "search", to, "--json"], asked);
  expect(found.stdout).toContain(JSON.stringify(definedIn));
}

interface Uses {
  path: string;
  lines: { number: number; text: string; renamed: string }[];
}

/** The calls that rename all that these files have. */
function editsOf(tool: EditTool, paths: readonly string[], { source, from, to }: Refactoring): ScriptStep[] {
  const uses = paths.map((path): Uses => {
    const texts = readFileSync(join(source, path), "utf8").split("\n");
    const lines = texts.map((text, index) => ({ number: index + 1, text, renamed: text.replaceAll(from, to) }));
    return { path, lines: lines.filter(({ text }) => text.includes(from)) };
  });
  if (tool === "apply_patch") return [callTool("apply_patch", { patch: uses.map(patchOf).join("") })];
  return uses.flatMap(({ path, lines }) => {
    const replacements = lines.map(({ text, renamed }) => ({ old_text: text, new_text: renamed }));
    if (tool === "multi_edit") return [callTool("multi_edit", { path, edits: replacements })];
    if (tool === "edit_file") return replacements.map((replacement) => callTool("edit_file", { path, ...replacement }));
    return lines.flatMap(({ number, renamed }) => {
      const range = { path, from_line: number, to_line: number };
      return [callTool("read_file", range), callTool("replace_lines", { ...range, new_text: renamed })];
    });
  });
}

function patchOf({ path, lines }: Uses): string {
  const hunks = lines.map(({ number, text, renamed }) => `@@ -${number} +${number} @@\n-${text}\n+${renamed}\n`);
  return `--- a/${path}\n+++ b/${path}\n${hunks.join("")}`;
}

/** Of everything in a folder the name, the kind, the mode and the content. */
function digestOf(folder: string, outputs: readonly string[]): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted()) {
    if (outputs.some((output) => name === output || name.startsWith(`${output}/`))) continue;
    const path = join(folder, name);
    const status = lstatSync(path);
    hash.update(`${relative(folder, path)}\0${status.mode}\0`);
    if (status.isSymbolicLink()) hash.update(readlinkSync(path));
    else if (status.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

function sizeOf(folder: string, ending: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(ending));
  const lines = names.map((name) => readFileSync(join(folder, name), "utf8").split("\n").length - 1);
  return `${names.length} files *${ending}, ${lines.reduce((total, count) => total + count, 0)} lines`;
}
